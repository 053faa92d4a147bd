import { isDeepStrictEqual } from 'node:util';
import { openWallet, pay, repaint } from '../command/wallet.fixture.ts';
import type { Delivery } from './feed.ts';
import { Ledger } from './ledger.fixture.ts';
import type { Reader, Sink } from './reader.ts';
import { type Message, type Parts, realParts, type Setting, Stage, saidOf, scriptOf, streams } from './stage.fixture.ts';
import { follow, type Reading, type Told } from './trail.fixture.ts';

type Place = NonNullable<Reading['after']>;

/** What happens next, and four numbers that say how. */
export interface Step {
  readonly does: 'open' | 'pay' | 'repaint' | 'connect' | 'cut' | 'stall' | 'wake' | 'pass' | 'rest';
  readonly by: readonly [number, number, number, number];
}

/** One life of a stage, and all that happens in it. */
export interface Life extends Setting {
  readonly steps: readonly Step[];
}

/** A play. */
export interface Plan {
  readonly journalPositionsMax: number;
  readonly lives: readonly Life[];
}

/** What has come about in plays: a checker that saw too little of it has checked too little. */
export type Seen = Record<'lives' | 'readings' | 'messages' | 'snapshots' | 'resyncs' | 'amidPosition', number>;

/** What has come about before the first play. */
export const nothing = (): Seen => ({ lives: 0, readings: 0, messages: 0, snapshots: 0, resyncs: 0, amidPosition: 0 });

const walletIds = ['a', 'b', 'a:b%', 'ä', '\u{fffd}', '\u{1f600}', 'z'];
const colourNames = ['red', 'blue', 'green'];
const coins = [1, 5, 2, -4, 3, 13];
const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

/** Who reads one stream, again and again: takes, stalls, is cut off and goes on, from where it had come or from anywhere. */
class Subscriber implements Sink<Delivery<Message>> {
  readonly stream: number;
  readonly readings: (Reading & { readonly told: Told[]; readonly mayBeginAnew: boolean })[] = [];
  fault: unknown;
  readonly #stage: Stage;
  readonly #parts: Parts;
  #reader: Reader<Message, Delivery<Message>> | undefined;
  #reached: Place | undefined;
  #stalledUntil = 0;
  /** It is cut off in the midst of being written to. */
  #breaksIn = -1;

  constructor(stream: number, stage: Stage, parts: Parts) {
    this.stream = stream;
    this.#stage = stage;
    this.#parts = parts;
  }

  connect(after: Place | undefined, rowsMax: number, breaksIn: number): void {
    this.cut();
    this.readings.push({ after, rowsMax, begunAt: this.#stage.position, told: [], mayBeginAnew: this.#stage.mayBeginAnew });
    this.#reached = after;
    this.#breaksIn = breaksIn;
    const start = { snapshotRowsMax: rowsMax, ...(after && { after }) };
    this.#reader = new this.#parts.Reader(this.#stage.tail(this.stream), this, start);
    this.#reader.begin();
  }

  /** Goes on from where it had come. */
  resume(rowsMax: number, breaksIn: number): void {
    this.note();
    this.connect(this.#reached, rowsMax, breaksIn);
  }

  cut(): void {
    this.note();
    this.#reader?.stop();
    this.#reader = undefined;
  }

  /** Asks how far the reader has come, as a transport does for its heartbeat. */
  note(): void {
    if (!this.#reader) return;
    const { reached } = this.#reader;
    if (!reached) return;
    this.#told.push({ reached });
    this.#reached = reached;
  }

  /** A run may be cut off anywhere. */
  write(deliveries: readonly Delivery<Message>[]): boolean {
    let isReady = true;
    for (const delivery of deliveries) {
      if (!this.#reader) return true;
      isReady = this.#take(delivery);
    }
    return isReady;
  }

  #take(delivery: Delivery<Message>): boolean {
    this.#told.push({ said: saidOf(delivery), reached: delivery.reached });
    this.#reached = delivery.reached;
    if (this.#breaksIn-- === 0) {
      this.#reader?.stop();
      this.#reader = undefined;
      return true;
    }
    const reader = this.#reader;
    const turns = Math.max(this.#stalledUntil - this.#stage.turns.now, this.#stage.chance(4) === 0 ? 1 + this.#stage.chance(3) : 0);
    if (turns <= 0) return true;
    void this.#stage.turns.wait(turns).then(() => reader === this.#reader && reader?.ready());
    return false;
  }

  follows(reached: Place): void {
    this.#told.push({ reached });
    this.#reached = reached;
  }

  fail(fault: unknown): void {
    this.fault = fault;
  }

  stall(turns: number): void {
    this.#stalledUntil = this.#stage.turns.now + turns;
  }

  /** Says that it takes more, unasked. */
  wake(): void {
    this.#reader?.ready();
  }

  /** Nothing more comes: it has come as far as the log. */
  rest(): void {
    if (!this.#reader) return;
    this.note();
    this.#told.push({ reached: { position: this.#stage.position } });
    if (!isDeepStrictEqual(this.#reader.reached, { position: this.#stage.position }))
      throw new Error('A reader does not say that it is level.');
  }

  get #told(): Told[] {
    return this.readings.at(-1)?.told ?? [];
  }
}

/** Plays a plan to its end, and holds every reading against the log. Throws the first fault. */
export async function play({ journalPositionsMax, lives }: Plan, seen: Seen, doctored: Partial<Parts> = {}): Promise<void> {
  const parts = { ...realParts, ...doctored };
  const [first] = lives;
  if (!first) return;
  const stage = new Stage(journalPositionsMax, first, parts);
  const subscribers = Array.from({ length: 2 * streams.length }, (_, i) => new Subscriber(i % streams.length, stage, parts));
  for (const life of lives) {
    stage.begin(life);
    await live(life.steps, stage, subscribers);
    seen.lives += 1;
  }
  const ledger = new Ledger(await stage.engine.log.read('all', { limit: 100_000 }));
  const scripts = streams.map((_, stream) => scriptOf(ledger, stream));
  for (const { stream, readings, fault } of subscribers) {
    if (fault) throw fault;
    const script = at(scripts, stream);
    for (const reading of readings) {
      count(reading, seen);
      follow({ ...script, mayBeginAnew: script.mayBeginAnew && reading.mayBeginAnew }, reading);
    }
  }
}

/** Lives end at rest or, as often, in the midst of deliveries; commands come to their end always. */
async function live(steps: readonly Step[], stage: Stage, subscribers: readonly Subscriber[]): Promise<void> {
  let written: Promise<unknown> = Promise.resolve();
  const comeToRest = async () => {
    await untilDone(written, stage);
    for (let quiet = 0; quiet < 10; quiet = stage.turns.isIdle ? quiet + 1 : 0) await stage.turns.pass();
    for (const subscriber of subscribers) subscriber.rest();
  };
  for (const step of steps) {
    const writing = perform(step, stage, at(subscribers, step.by[0]));
    // Refusals and faults of commands are part of the play: they leave nothing.
    if (writing) written = Promise.allSettled([written, writing]);
    if (step.does === 'rest') await comeToRest();
    for (let passes = stage.chance(3); passes > 0; passes -= 1) await stage.turns.pass();
  }
  await (stage.chance(2) === 0 ? comeToRest() : untilDone(written, stage));
  for (const subscriber of subscribers) subscriber.cut();
  const { leftovers } = stage;
  if (leftovers.some((left) => left !== 0)) throw new Error(`when all have left there is ${leftovers}`);
}

/** Lets turns pass until something is done. */
async function untilDone(work: Promise<unknown>, { turns }: Stage): Promise<void> {
  let isDone = false;
  void work.then(() => {
    isDone = true;
  });
  while (!isDone) await turns.pass();
}

function perform({ does, by }: Step, stage: Stage, subscriber: Subscriber): Promise<unknown> | undefined {
  const [, b, c, d] = by;
  const walletId = at(walletIds, b);
  switch (does) {
    case 'open':
      return stage.engine.send(openWallet, { walletId, colour: at(colourNames, c) });
    case 'pay':
      return stage.engine.send(pay, { walletId, coins: at(coins, c), times: 1 + (d % 6 === 0 ? (d >> 3) % 8 : 0) });
    case 'repaint':
      return stage.engine.send(repaint, { walletId, from: at(colourNames, c), to: at(colourNames, d) });
    case 'connect':
      return void connect(stage, subscriber, by);
    case 'cut':
      return void subscriber.cut();
    case 'stall':
      return void subscriber.stall(b % 40);
    case 'wake':
      return void subscriber.wake();
    case 'pass':
      return stage.turns.wait(b % 10);
    case 'rest':
      return undefined;
  }
}

/** Most go on from where they had come, some from anywhere before, some begin anew. */
function connect(stage: Stage, subscriber: Subscriber, [, b, c, d]: Step['by']): void {
  const rowsMax = at([0, 1, 3, 200], c);
  const breaksIn = d % 4 === 0 ? (d >> 3) % 8 : -1;
  if (b % 6 < 3) {
    subscriber.resume(rowsMax, breaksIn);
    return;
  }
  const { position } = stage;
  const anywhere = { position: stage.chance(position + 1) };
  const key = at(walletIds, stage.chance(walletIds.length));
  const amid = position > 0 ? { position: 1 + stage.chance(position), key } : anywhere;
  const places = [undefined, anywhere, amid];
  subscriber.connect(at(places, b), rowsMax, breaksIn);
}

function count({ after, told }: Reading, seen: Seen): void {
  seen.readings += 1;
  if (after?.key !== undefined) seen.amidPosition += 1;
  for (const one of told) {
    if (!('said' in one)) continue;
    seen.messages += 1;
    if (one.said.kind === 'RESYNC') seen.resyncs += 1;
    if (one.said.kind === 'SNAPSHOT') seen.snapshots += 1;
  }
}
