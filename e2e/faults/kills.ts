import { shop } from '#shop';
import { numbersFrom } from '../../src/livestream/turns.fixture.ts';
import { pause } from '../load.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { eventsStream, rowStream, rowsStream } from '../streams/streams.ts';
import type { Chance } from '../streams/subscriber.ts';
import { checkFolder } from './folder.ts';
import type { History } from './history.ts';
import { reachOver } from './httpreach.ts';
import { type KillPoint, killedAt, killPlaces, type Omission, omitting } from './killpoint.ts';
import { listen } from './listening.ts';
import { Recorder, Session } from './recorder.ts';
import { shopDomain } from './shop.ts';
import { type KillsTally, tallyOf } from './tally.ts';
import { openShop, trade } from './trading.ts';

/** What happens in a round of kills. */
export interface KillsOptions {
  /** Of all that is left to chance; and the named place at which it begins. */
  readonly seed: number;
  /** How often the server is killed and started again. */
  readonly kills: number;
  /** How many write to it at once. */
  readonly writers: number;
  /** What the server leaves out of what it should do. */
  readonly omission?: Omission;
}

/** Each kill waits for that many commands to be answered first. */
const answeredMin = 40;
/** Where a place is not passed often enough, the server is killed after this. */
const lifeMsMax = 4_000;

/** Writes at full load to a server that is killed and started again and again; then holds what it has stored against all that was told. */
export async function playKills(options: KillsOptions): Promise<KillsTally> {
  using folder = temporaryFolder();
  const round = new Round(folder.path, options);
  try {
    const history = await round.play();
    const { stored, findings } = await checkFolder(shop, folder.path, history, shopDomain(round.streams));
    return tallyOf({ stored, history }, { kills: round.kills, places: round.places, findings });
  } finally {
    await round.end();
  }
}

class Round {
  readonly recorder = new Recorder();
  readonly places: Record<string, number> = {};
  readonly streams = [eventsStream(), rowsStream('orders', 50), rowStream('products', 'heart')];
  kills = 0;
  readonly #folder: string;
  readonly #options: KillsOptions;
  readonly #chance: Chance;
  #server: ServerProcess | undefined;
  #url: string | undefined;
  #isOver = false;

  constructor(folder: string, options: KillsOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#chance = numbersFrom(options.seed);
  }

  async play(): Promise<History> {
    const { writers, kills } = this.#options;
    await this.#start();
    await openShop(this.#session('opening'));
    const isOver = () => this.#isOver;
    const trading = Array.from({ length: writers }, (_, i) => trade({ session: this.#session(`w${i}`), chance: this.#chance, isOver }));
    const parts = { recorder: this.recorder, chance: this.#chance, url: () => this.#url, isOver };
    const listening = this.streams.map((stream) => listen(stream, parts));
    await this.#answered(answeredMin);
    await this.#kill('any moment');
    while (this.kills < kills) await this.#liveAndDie();
    await this.#start();
    await this.#answered(answeredMin);
    this.#isOver = true;
    await Promise.all(trading);
    const heard = await Promise.all(listening);
    const code = await this.#server?.end('SIGTERM');
    if (code !== 0) this.recorder.fault(`The last server ended with ${code}.`);
    return this.recorder.history(heard);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    this.#url = undefined;
    await this.#server?.end('SIGKILL');
  }

  /** One life, to its end: at a place that the server passes, or at any moment. */
  async #liveAndDie(): Promise<void> {
    const name = this.#nextPlace();
    const chosen = name === undefined ? undefined : killPlaces[name];
    const point = chosen?.place(1 + this.#chance(chosen.passedMax));
    const isStarted = await this.#start(point);
    if (isStarted && point) await this.#ended(lifeMsMax);
    else if (isStarted) await this.#answered(answeredMin).then(() => pause(this.#chance(150)));
    const isAlive = isStarted && !(await this.#ended(0));
    await this.#kill(isAlive || name === undefined ? 'any moment' : name);
  }

  /** Each named place in turn, and any moment in between. */
  #nextPlace(): string | undefined {
    const names = Object.keys(killPlaces);
    const turn = this.kills + this.#options.seed;
    return turn % 2 === 0 ? undefined : names[((turn - 1) / 2) % names.length];
  }

  async #kill(place: string): Promise<void> {
    this.#url = undefined;
    await this.#server?.end('SIGKILL');
    this.kills += 1;
    this.places[place] = (this.places[place] ?? 0) + 1;
  }

  /** False where it was killed while it started. */
  async #start(point?: KillPoint): Promise<boolean> {
    const { omission } = this.#options;
    this.#server = undefined;
    try {
      this.#server = await startServerProcess(this.#folder, {
        ...(omission && omitting(omission)),
        ...(point && killedAt(point)),
      });
    } catch (fault) {
      if (point && String(fault).includes('ended with null')) return false;
      throw fault;
    }
    this.#url = this.#server.url;
    return true;
  }

  /** True where the server has ended by itself by then. */
  async #ended(withinMs: number): Promise<boolean> {
    return Promise.race([this.#server?.ended.then(() => true) ?? true, pause(withinMs).then(() => false)]);
  }

  async #answered(count: number): Promise<void> {
    const { sent } = this.recorder;
    const until = performance.now() + lifeMsMax;
    while (this.recorder.sent < sent + count && performance.now() < until) await pause(5);
  }

  #session(name: string): Session {
    const { recorder } = this;
    return new Session(name, recorder, reachOver({ url: () => this.#url, recorder, chance: this.#chance }));
  }
}
