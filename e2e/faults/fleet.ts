import { readFileSync } from 'node:fs';
import type { Application } from '#application';
import { shop } from '#shop';
import { numbersFrom } from '../../src/livestream/turns.fixture.ts';
import { pause } from '../load.ts';
import { startServing, varve } from '../server-process.ts';
import { eventsStream, rowStream, rowsStream } from '../streams/streams.ts';
import type { Chance } from '../streams/subscriber.ts';
import { databasePlace, dropLog } from './database.ts';
import type { Answer, Heard, History } from './history.ts';
import { reachOver } from './httpreach.ts';
import { listen } from './listening.ts';
import { type Checked, checkPlace } from './place.ts';
import { type Reach, Recorder, Session } from './recorder.ts';
import { shopDomain } from './shop.ts';
import { openShop, trade } from './trading.ts';
import { Trader } from './wishes.ts';

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
  /** The one server that a writer keeps to; left out, or undefined of a writer: it goes from one to the other. */
  readonly homes?: (writer: number) => number | undefined;
  /** Of each server, beside its own. */
  readonly environment?: (server: number) => Readonly<Record<string, string>>;
  /** The application that is served; left out: the shop. */
  readonly application?: Application;
  /** What Node is started with of each server, before the flags that say where its log is; left out: `varve serve`. */
  readonly program?: (server: number) => readonly string[];
  /** Reads are of a standby: whoever reads demands to see all that anyone was shown. */
  readonly isBehind?: boolean;
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
  #trading: readonly Promise<void>[] = [];
  #listening: readonly Promise<Heard>[] = [];
  #isOver = false;
  #starting = 0;
  #probes = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.chance = numbersFrom(options.seed);
    this.#slots = options.ways.map(() => ({}));
  }

  /** Starts all servers, or some, opens the shop, and has everybody trade and listen. */
  async begin(servers: Iterable<number> = this.#slots.keys()): Promise<void> {
    // The first makes the log.
    for (const i of servers) await this.start(i);
    await openShop(this.session('opening'));
    const { writers, homes } = this.#options;
    const traderOf = (i: number) => this.session(`w${i}`, { only: homes?.(i), rests: i > 1 });
    const isOver = () => this.#isOver;
    const { chance } = this;
    this.#trading = Array.from({ length: writers }, (_, i) => trade({ session: traderOf(i), chance, isOver }));
    const { recorder } = this;
    this.#listening = this.streams.map((stream) => listen(stream, { recorder, chance, url: () => this.#any(), isOver, mayLag: true }));
  }

  /** Starts a server; false where it was killed while it started. */
  async start(i: number, more: Readonly<Record<string, string>> = {}): Promise<boolean> {
    const { ways, environment, program = () => [varve, 'serve'] } = this.#options;
    const slot = this.#slot(i);
    const words = [...program(i), '--store', ways[i] ?? '', '--log', this.log];
    this.#starting += 1;
    try {
      slot.server = await startServing(words, { PORT: '0', ...environment?.(i), ...more });
    } catch (fault) {
      if ('NODE_OPTIONS' in more && String(fault).includes('ended with null')) return false;
      throw fault;
    } finally {
      this.#starting -= 1;
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

  /** Waits until a server stands still, by a signal of its own; false where it does not by then. */
  async stands(i: number, withinMs: number): Promise<boolean> {
    const stat = `/proc/${this.#slot(i).server?.pid}/stat`;
    return this.#until(() => /\) T/.test(readFileSync(stat, 'utf8')), withinMs);
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

  /** Sends a command to one server until it is accepted; answers after how many milliseconds, undefined where it is not by then. */
  async probe(server: number, withinMs: number): Promise<number | undefined> {
    const since = performance.now();
    this.#probes += 1;
    const name = `probe${this.#probes}`;
    while (performance.now() < since + withinMs) {
      if ((await this.#register(name, server))?.is === 'accepted') return performance.now() - since;
      await pause(10);
    }
    return undefined;
  }

  /** Sends the first probe's command again. */
  resend(server: number): Promise<Answer | undefined> {
    return this.#register('probe1', server);
  }

  #register(name: string, server: number): Promise<Answer | undefined> {
    return this.session(name, { only: server }).send(new Trader(name, this.chance).registering(), name);
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

  /** A client of any of the servers, or of one alone. Where it rests, it sends nothing while a server starts: tests' machines are small. */
  session(name: string, { only, rests = false }: { readonly only?: number | undefined; readonly rests?: boolean } = {}): Session {
    const { recorder, chance } = this;
    const { unexplained, isBehind = false } = this.#options;
    const url = () => (only === undefined ? this.#any() : this.#slot(only).url);
    const reach = reachOver({ url, recorder, chance, ...(unexplained && { unexplained }) });
    const rested = async () => {
      while (rests && this.#starting > 0 && !this.#isOver) await pause(20);
    };
    const send: Reach['send'] = async (...sent) => rested().then(() => reach.send(...sent));
    const look: Reach['look'] = (ids, atLeast) => reach.look(ids, isBehind ? Math.max(atLeast, recorder.position) : atLeast);
    return new Session(name, recorder, { send, look });
  }

  /** Lets everybody finish, ends the servers, and answers all that was done and told. */
  async finish(): Promise<History> {
    this.#isOver = true;
    await Promise.all(this.#trading);
    const heard = await Promise.all(this.#listening);
    for (const i of this.#slots.keys()) {
      if (!this.#slot(i).server) continue;
      const code = await this.end(i, 'SIGTERM');
      if (code !== 0) this.recorder.fault(`Server ${i} ended with ${code}.`);
    }
    return this.recorder.history(heard);
  }

  /** Holds what is stored against the history; elsewhere, where the log has moved. */
  check(history: History, store = this.#options.store): Promise<Checked> {
    return checkPlace(databasePlace(this.#options.application ?? shop, store, this.log), history, shopDomain(this.streams));
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
}
