import { shop } from '#shop';
import { numbersFrom } from '../../src/livestream/turns.fixture.ts';
import { pause } from '../load.ts';
import { startServing, varve } from '../server-process.ts';
import { eventsStream, rowStream, rowsStream, type ShopStream } from '../streams/streams.ts';
import { type Chance, Subscriber } from '../streams/subscriber.ts';
import { databasePlace, dropLog } from './database.ts';
import type { Heard, History, Tick } from './history.ts';
import { reachOver } from './httpreach.ts';
import { type Checked, checkPlace } from './place.ts';
import { Recorder, Session } from './recorder.ts';
import { shopDomain } from './shop.ts';
import { openShop, trade } from './trading.ts';

/** Some server processes on one log, and those who use them. */
export interface FleetOptions {
  /** Of all that is left to chance. */
  readonly seed: number;
  /** Where the database is, to be looked at in the end; and for servers that have no way of their own. */
  readonly store: string;
  /** By which way each server reaches its store: as many servers as there are ways. */
  readonly ways: readonly string[];
  /** How many write at once; each sends to any of the servers, and sends again to any. */
  readonly writers: number;
  /** Of each server, beside its own. */
  readonly environment?: (server: number) => Readonly<Record<string, string>>;
  /** Codes of errors that nothing that is done to this fleet explains. */
  readonly unexplained?: ReadonlySet<string>;
}

type Server = Awaited<ReturnType<typeof startServing>>;

interface Slot {
  server?: Server | undefined;
  /** Where clients find it; undefined while they do not. */
  url?: string | undefined;
}

let fleets = 0;

/** Servers, with traders and subscribers that go from one to the other, and a record of all of it. */
export class Fleet implements AsyncDisposable {
  readonly recorder = new Recorder();
  readonly streams = [eventsStream(), rowsStream('orders', 50), rowStream('products', 'heart')];
  readonly chance: Chance;
  readonly log = `${process.env['VARVE_TEST_LOGS'] ?? 'soak_'}fleet${process.pid}_${++fleets}`;
  readonly #options: FleetOptions;
  readonly #slots: Slot[];
  #users: readonly Promise<Heard | void>[] = [];
  #isOver = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.chance = numbersFrom(options.seed);
    this.#slots = options.ways.map(() => ({}));
  }

  /** Starts all servers, opens the shop, and has everybody trade and listen. */
  async begin(): Promise<void> {
    // The first makes the log.
    for (const i of this.#slots.keys()) await this.start(i);
    await openShop(this.session('opening'));
    const { writers } = this.#options;
    const isOver = () => this.#isOver;
    const trading = Array.from({ length: writers }, (_, i) => trade({ session: this.session(`w${i}`), chance: this.chance, isOver }));
    this.#users = [...trading, ...this.streams.map((stream) => this.#listen(stream))];
  }

  /** Starts a server; false where it was killed while it started. */
  async start(i: number, more: Readonly<Record<string, string>> = {}): Promise<boolean> {
    const { ways, environment } = this.#options;
    const slot = this.#slot(i);
    const words = [varve, 'serve', '--store', ways[i] ?? '', '--log', this.log];
    try {
      slot.server = await startServing(words, { PORT: '0', ...environment?.(i), ...more });
    } catch (fault) {
      if ('NODE_OPTIONS' in more && String(fault).includes('ended with null')) return false;
      throw fault;
    }
    slot.url = slot.server.url;
    return true;
  }

  async kill(i: number): Promise<void> {
    await this.end(i, 'SIGKILL');
  }

  /** Ends a server by a signal; answers its code. */
  async end(i: number, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null | undefined> {
    const slot = this.#slot(i);
    slot.url = undefined;
    const code = await slot.server?.end(signal);
    slot.server = undefined;
    return code;
  }

  /** Stops a server, or has it go on: clients find it all the same. */
  signal(i: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    const pid = this.#slot(i).server?.pid;
    if (pid !== undefined) process.kill(pid, signal);
  }

  /** True where the server has ended by itself by then. */
  async ended(i: number, withinMs: number): Promise<boolean> {
    return Promise.race([this.#slot(i).server?.ended.then(() => true) ?? true, pause(withinMs).then(() => false)]);
  }

  urlOf(i: number): string {
    const { url } = this.#slot(i);
    if (url === undefined) throw new Error(`Server ${i} is not there.`);
    return url;
  }

  /** Waits until so many sendings more are answered; false where they are not by then. */
  async answered(count: number, withinMs: number): Promise<boolean> {
    const { sent } = this.recorder;
    return this.#until(() => this.recorder.sent >= sent + count, withinMs);
  }

  /** Waits until so many sendings more are accepted; answers for how long, undefined where they are not by then. */
  async accepts(count: number, withinMs: number): Promise<number | undefined> {
    const since = performance.now();
    const { accepted } = this.recorder;
    const isSo = await this.#until(() => this.recorder.accepted >= accepted + count, withinMs);
    return isSo ? performance.now() - since : undefined;
  }

  async #until(is: () => boolean, withinMs: number): Promise<boolean> {
    const until = performance.now() + withinMs;
    while (!is() && performance.now() < until) await pause(5);
    return is();
  }

  /** A client of any of the servers; where one is named, of that one alone. */
  session(name: string, only?: number): Session {
    const { recorder, chance } = this;
    const { unexplained } = this.#options;
    const url = () => (only === undefined ? this.#any() : this.#slot(only).url);
    return new Session(name, recorder, reachOver({ url, recorder, chance, ...(unexplained && { unexplained }) }));
  }

  /** Lets everybody finish, ends the servers, and answers all that was done and told. */
  async finish(): Promise<History> {
    this.#isOver = true;
    const heard = (await Promise.all(this.#users)).filter((one) => typeof one === 'object');
    for (const i of this.#slots.keys()) {
      if (!this.#slot(i).server) continue;
      const code = await this.end(i, 'SIGTERM');
      if (code !== 0) this.recorder.fault(`Server ${i} ended with ${code}.`);
    }
    return this.recorder.history(heard);
  }

  /** Holds what is stored against the history; elsewhere, where the log has moved. */
  check(history: History, store = this.#options.store): Promise<Checked> {
    return checkPlace(databasePlace(shop, store, this.log), history, shopDomain(this.streams));
  }

  /** All that servers have logged. */
  said(i: number): string {
    return this.#slot(i).server?.log() ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const slot of this.#slots) {
      slot.url = undefined;
      if (slot.server) process.kill(slot.server.pid, 'SIGCONT');
      await slot.server?.end('SIGKILL');
    }
    // Where the database is gone, so is the log.
    await dropLog(this.#options.store, this.log).catch(() => undefined);
  }

  #slot(i: number): Slot {
    const slot = this.#slots[i];
    if (!slot) throw new Error(`There is no server ${i}.`);
    return slot;
  }

  #any(): string | undefined {
    const urls = this.#slots.flatMap(({ url }) => url ?? []);
    return urls[this.chance(Math.max(1, urls.length))];
  }

  /** Listens, and goes to another server whenever it was cut off, and now and then without a reason. */
  async #listen(stream: ShopStream): Promise<Heard> {
    const { recorder, chance } = this;
    const subscriber = new Subscriber(stream);
    const seen: { at: Tick; position: number }[] = [];
    while (!this.#isOver) {
      const url = this.#any();
      const { position } = recorder;
      if (url !== undefined && (!subscriber.isConnected || chance(30) === 0))
        subscriber.connect({ url, chance, position }, subscriber.readings.length === 0 ? 'anew' : 'on');
      await pause(20 + chance(80));
      const last = subscriber.readings.at(-1)?.told.findLast((one) => 'said' in one);
      if (last && 'said' in last) seen.push({ at: recorder.tick(), position: last.said.position });
    }
    subscriber.cut();
    for (const fault of subscriber.faults) recorder.fault(String(fault));
    return { stream: stream.name, readings: subscriber.readings, seen };
  }
}
