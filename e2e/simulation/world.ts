import { buildSchema } from '#schema';
import type { History } from '../faults/history.ts';
import { Recorder } from '../faults/recorder.ts';
import { trade } from '../faults/trading.ts';
import { type LoggedEvent, ShopLedger } from '../streams/ledger.ts';
import type { ShopStream } from '../streams/streams.ts';
import { Subscriber } from '../streams/subscriber.ts';
import { application, type Build } from './build.ts';
import { Clients } from './clients.ts';
import { Disk, type Fate } from './disk.ts';
import { collectingLogger } from './logger.ts';
import { Network } from './network.ts';
import { connect, type Follower, openShop, type Places, roam, settleAll, streamsFor } from './people.ts';
import { Process } from './process.ts';
import { Scheduler } from './scheduler.ts';
import { type Setting, settingOf } from './setting.ts';
import type { Trace } from './trace.ts';

/** Made once: it holds nothing of any world. */
const schema = buildSchema(application);

/** How long anything may take to come about when nothing goes wrong any more, in the world's ms. */
const patienceMs = 20_000;

/** What may go wrong. */
type Trouble = 'cuts' | 'crashes' | 'stops' | 'rebuilds' | 'standstills' | Exclude<Fate, 'made'>;

/** What goes wrong, each as likely as it stands here. */
const troubles: readonly Trouble[] = [
  ...(['cuts', 'cuts', 'cuts', 'crashes', 'crashes', 'stops', 'stops', 'rebuilds', 'standstills'] as const),
  ...(['full', 'unknown', 'unknown', 'dies before', 'dies after', 'dies after'] as const),
];

/** How often what went wrong, and what came of it. */
export type Troubles = Record<Trouble | 'starts' | 'recovered', number>;

/** One server after another on one disk, and those who use it, on a network of their own; much goes wrong, until it is calm. */
export class World {
  readonly scheduler: Scheduler;
  readonly disk: Disk;
  readonly recorder = new Recorder();
  readonly streams: readonly ShopStream[];
  readonly #followers: readonly Follower[];
  readonly troubles: Troubles = {
    ...{ starts: 0, recovered: 0, cuts: 0, crashes: 0, stops: 0, rebuilds: 0, standstills: 0 },
    ...{ full: 0, unknown: 0, 'dies before': 0, 'dies after': 0 },
  };
  readonly #setting: Setting;
  readonly #network: Network;
  readonly #build: Build;
  readonly #places: Places;
  #process: Process | undefined;
  #ids = 0;
  #isCalm = false;
  #isClosing = false;

  constructor(seed: number, trace: Trace, build: Build) {
    const scheduler = new Scheduler(seed, trace);
    const setting = settingOf(scheduler);
    this.scheduler = scheduler;
    this.#setting = setting;
    this.#build = build;
    this.disk = new Disk(scheduler, setting.journalPositionsMax);
    this.#network = new Network(scheduler, setting.network);
    this.#places = { scheduler, network: this.#network, clients: new Clients(this.recorder, scheduler, this.#network) };
    this.streams = streamsFor(scheduler, setting.readers);
    this.#followers = this.streams.map((stream) => ({ subscriber: new Subscriber(stream), seen: [] }));
    scheduler.note(JSON.stringify(setting));
  }

  /** Lets everything happen, until all is said and everyone has come as far as the log. */
  async run(): Promise<void> {
    const { scheduler, recorder } = this;
    const supervised = this.#supervise();
    const opening = openShop(this.#places);
    const roaming = this.#followers.map((follower) => roam(follower, this.#places, () => this.#isCalm));
    await this.#until(
      Promise.all([...Array.from({ length: this.#setting.traders }, (_, i) => this.#trade(`t${i}`, opening)), this.#makeTrouble()]),
    );
    this.#isCalm = true;
    this.disk.fate = 'made';
    await this.#until(Promise.all([...roaming, settleAll(this.#places)]));
    await this.#untilThrough();
    await scheduler.runUntil(() => this.#process?.isServing === true, patienceMs);
    this.#isClosing = true;
    const stopping = this.#process?.stop();
    await this.#until(Promise.all([supervised, stopping]));
    const left = this.#process?.watching ?? 0;
    if ((await stopping) && left > 0) recorder.fault(`${left} still watch what comes in a server that has stopped.`);
    scheduler.note(`the log's head is ${JSON.stringify(await this.disk.log.head())}`);
  }

  /** Nothing of it goes on. */
  leave(): void {
    for (const { subscriber } of this.#followers) subscriber.cut();
    this.#process?.end();
    this.#network.close();
  }

  /** What clients did and were told, so far. */
  history(): History {
    for (const fault of this.#followers.flatMap(({ subscriber }) => subscriber.faults)) this.recorder.fault(String(fault));
    return this.recorder.history(
      this.#followers.map(({ subscriber: { stream, readings }, seen }) => ({ stream: stream.name, readings, seen })),
    );
  }

  /** Has a server started whenever there is none. */
  async #supervise(): Promise<void> {
    while (!this.#isClosing) {
      this.troubles.starts += 1;
      const process = new Process({
        scheduler: this.scheduler,
        disk: this.disk,
        network: this.#network,
        setting: this.#setting,
        build: this.#build,
        schema,
        newId: () => this.#newId(),
        logger: collectingLogger(this.recorder),
        onFault: (fault) => this.recorder.fault(String(fault)),
      });
      this.#process = process;
      await process.start();
      await process.ended.catch(() => {});
      await this.scheduler.pause(this.scheduler.chance(40), 'is started again');
      this.troubles.recovered += (await this.disk.recover()) ? 1 : 0;
    }
  }

  async #makeTrouble(): Promise<void> {
    const { scheduler } = this;
    for (let i = 0; i < this.#setting.troubles; i += 1) {
      await scheduler.pause(scheduler.chance(80), 'trouble');
      const trouble = scheduler.any(troubles);
      if (await this.#bringAbout(trouble)) this.troubles[trouble] += 1;
    }
  }

  /** Answers false where there is nothing that it could be done to. */
  async #bringAbout(trouble: Trouble): Promise<boolean> {
    switch (trouble) {
      case 'cuts':
        return this.#network.cutOne();
      case 'crashes':
        this.#process?.end();
        return true;
      case 'stops':
        this.#process?.stop().catch((fault: unknown) => this.recorder.fault(`It could not stop: ${fault}`));
        return true;
      case 'rebuilds':
        await this.disk.rebuild(application.projections.map(({ table }) => table));
        return true;
      case 'standstills':
        this.disk.standsStill = this.#setting.isApart;
        return this.#setting.isApart;
      default:
        this.disk.fate = trouble;
        return true;
    }
  }

  async #trade(name: string, opening: Promise<void>): Promise<void> {
    const { scheduler, recorder } = this;
    await opening;
    await trade({
      session: this.#places.clients.session(name),
      chance: scheduler.chance,
      isOver: () => recorder.sent >= this.#setting.sendings,
      wait: () => scheduler.pause(scheduler.chance(20), `${name} waits`),
    });
  }

  /** Everyone hears of everything that there is, sooner or later; whoever has, makes room for others. */
  async #untilThrough(): Promise<void> {
    let left = this.#followers.map(({ subscriber }) => subscriber);
    const end = this.scheduler.now + patienceMs;
    for (let ledger = await this.#ledger(); ; ledger = await this.#ledger(ledger)) {
      const isThrough = (subscriber: Subscriber) => subscriber.isThrough(subscriber.stream.script(ledger), ledger.events.length);
      const through = new Set(left.filter(isThrough));
      for (const subscriber of through) subscriber.cut();
      left = left.filter((subscriber) => !through.has(subscriber));
      if (left.length === 0) return;
      if (this.scheduler.now > end) break;
      for (const subscriber of left) if (!subscriber.isConnected) connect(subscriber, this.#places, 'on');
      await this.#until(this.scheduler.pause(15, 'readers read on'));
    }
    for (const { stream, readings } of left)
      this.recorder.fault(`${stream.name} does not come to the end of the log: ${JSON.stringify(readings.at(-1))}`);
  }

  /** What the log says now; the same where nothing came since. */
  async #ledger(known?: ShopLedger): Promise<ShopLedger> {
    const { log } = this.disk;
    if (known && known.events.length === (await log.position())) return known;
    const events = await log.read('all', { limit: 10_000 });
    return new ShopLedger(events.map((event) => ({ ...event, data: JSON.parse(event.data) as LoggedEvent['data'] })));
  }

  async #until(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    let failed: { readonly fault: unknown } | undefined;
    work.then(
      () => {
        isDone = true;
      },
      (fault: unknown) => {
        failed = { fault };
      },
    );
    if (!(await this.scheduler.runUntil(() => isDone || failed !== undefined, patienceMs)))
      throw new Error(`The world did not come to rest within ${patienceMs} ms.`);
    if (failed) throw failed.fault;
  }

  #newId(): string {
    this.#ids += 1;
    return `00000000-0000-7000-8000-${this.#ids.toString(16).padStart(12, '0')}`;
  }
}
