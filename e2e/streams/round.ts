import { numbersFrom } from '../../src/livestream/turns.fixture.ts';
import { client } from '../client.ts';
import { EventsDocument, type EventsQuery } from '../generated/graphql.ts';
import { pause } from '../load.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { type LoggedEvent, ShopLedger } from './ledger.ts';
import { eventsStream, rowStream, rowsStream, type ShopStream } from './streams.ts';
import { type Beginning, type Chance, Subscriber } from './subscriber.ts';
import { days, skus, startWriters, stockUpStreams, type Writers, whale } from './writers.ts';

/** What happens in a round. */
export interface RoundOptions {
  readonly seed: number;
  /** How many servers there are, one after another; all but the last are killed in the midst of load. */
  readonly lives: number;
  /** How long each lives under load at least: so long, and until so many commands were accepted. */
  readonly lifeMs: number;
  readonly lifeCommands: number;
  /** How subscribers connect; each is as likely. */
  readonly beginnings: readonly Beginning[];
  /** How long a subscriber stays as it is, at most. */
  readonly patienceMs: number;
}

/** What came of a round, which was right; and all of it, to be looked at again. */
export interface Round extends Tally {
  readonly subscribers: readonly Subscriber[];
  readonly ledger: ShopLedger;
}

interface Tally {
  readonly events: number;
  readonly readings: number;
  readonly messages: number;
  readonly snapshots: number;
  readonly resyncs: number;
  readonly amidPosition: number;
}

const writersCount = 8;
const settleMs = 10_000;

/** Every stream that is checked; of some, several subscribers, who share an execution. */
function streams(): readonly ShopStream[] {
  const isOpen = rowsStream('orders', 3, { status: ['OPEN', 'PAID'] }, ({ status }) => status === 'OPEN' || status === 'PAID');
  const ofWhale = (rowsMax: number) => rowsStream('orders', rowsMax, { userId: whale }, ({ userId }) => userId === whale);
  return [
    ...[eventsStream(), eventsStream(), eventsStream(['UsernameChanged', 'OrderPaid'])],
    ...[rowStream('orders', 'whale-1'), rowStream('orders', 'whale-1'), rowStream('orders', 'whale-2')],
    ...[ofWhale(0), ofWhale(200), ofWhale(200), isOpen, isOpen],
    ...[rowStream('products', skus[0]), rowStream('products', skus[0]), rowStream('products', skus[1])],
    ...[rowsStream('dailySales', 200), rowsStream('dailySales', 200), rowStream('dailySales', days[1])],
  ];
}

/** Writes at full load, kills servers and starts others, while subscribers come and go; then holds all that they were told against the log. */
export async function playRound(options: RoundOptions): Promise<Round> {
  const chance = numbersFrom(options.seed);
  using folder = temporaryFolder();
  let server = await startServerProcess(folder.path);
  try {
    await stockUpStreams(server.url);
    const { url } = server;
    const writers = startWriters(url, writersCount, chance);
    const subscribers = streams().map((stream) => new Subscriber(stream));
    let isOver = false;
    const roaming = subscribers.map((subscriber) => roam(subscriber, { ...options, url, chance, writers }, () => isOver));
    for (let life = 1; life <= options.lives; life += 1) {
      if (life > 1) server = await killAndStart(server, folder.path);
      await beBusy(writers, options);
    }
    await writers.stop();
    isOver = true;
    await Promise.all(roaming);
    const ledger = new ShopLedger(await readLog(url));
    await settle(subscribers, ledger, { url, chance });
    return { ...tally(subscribers, ledger), subscribers, ledger };
  } finally {
    await server.end('SIGKILL');
  }
}

async function beBusy(writers: Writers, { lifeMs, lifeCommands }: RoundOptions): Promise<void> {
  const [begun, accepted] = [performance.now(), writers.accepted];
  const isEnough = (ms: number) => ms >= lifeMs && (writers.accepted - accepted >= lifeCommands || ms >= 3 * lifeMs);
  while (!isEnough(performance.now() - begun)) await pause(10);
}

async function killAndStart(server: ServerProcess, folder: string): Promise<ServerProcess> {
  await server.end('SIGKILL');
  return startServerProcess(folder, { PORT: new URL(server.url).port });
}

interface Roaming extends Pick<RoundOptions, 'beginnings' | 'patienceMs'> {
  readonly url: string;
  readonly chance: Chance;
  readonly writers: Writers;
}

/** Reads, stalls, is cut off, comes back. */
async function roam(
  subscriber: Subscriber,
  { url, chance, writers, beginnings, patienceMs }: Roaming,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    if (!subscriber.isConnected || chance(3) === 0) {
      const beginning = beginnings[chance(beginnings.length)];
      subscriber.connect({ url, chance, position: writers.position }, subscriber.readings.length === 0 ? 'anew' : beginning);
      // Some are cut off before they have heard anything.
      if (chance(8) > 0) await untilHeard(subscriber);
    }
    await pause(5 + chance(patienceMs));
    if (chance(3) > 0) continue;
    subscriber.stall();
    await pause(chance(patienceMs));
    subscriber.go();
  }
  subscriber.go();
}

async function untilHeard(subscriber: Subscriber): Promise<void> {
  for (let waited = 0; waited < 400 && subscriber.isConnected && !subscriber.hasHeard; waited += 5) await pause(5);
}

/** Lets everyone read to the end, and some time longer; then checks them. */
export async function settle(
  subscribers: readonly Subscriber[],
  ledger: ShopLedger,
  { url, chance }: Pick<Roaming, 'url' | 'chance'>,
): Promise<void> {
  const position = ledger.events.length;
  const scripts = new Map(subscribers.map((subscriber) => [subscriber, subscriber.stream.script(ledger)]));
  const deadline = performance.now() + settleMs;
  for (const [subscriber, script] of scripts) {
    while (!subscriber.isThrough(script, position) && performance.now() < deadline) {
      if (!subscriber.isConnected) subscriber.connect({ url, chance, position });
      await pause(50);
    }
  }
  await pause(200);
  for (const [subscriber, script] of scripts) {
    subscriber.check(script);
    if (subscriber.isThrough(script, position)) continue;
    const told = subscriber.readings.at(-1)?.told.slice(-3);
    throw new Error(`${subscriber.stream.name} does not come to ${position}; the last it was told: ${JSON.stringify(told)}`);
  }
  for (const subscriber of subscribers) subscriber.cut();
}

/** The whole log, by the query. */
export async function readLog(url: string): Promise<readonly LoggedEvent[]> {
  const { data } = client(url);
  const events: LoggedEvent[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { events: page }: EventsQuery = await data(EventsDocument, { first: 200, after });
    for (const { node } of page.edges) events.push({ ...node, position: Number(node.position), data: node.data as LoggedEvent['data'] });
    [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
  }
  return events;
}

function tally(subscribers: readonly Subscriber[], { events }: ShopLedger): Tally {
  const readings = subscribers.flatMap((subscriber) => subscriber.readings).filter(({ told }) => told.length > 0);
  const said = readings.flatMap(({ told }) => told.flatMap((one) => ('said' in one ? [one.said] : [])));
  const count = (kind: string) => said.filter((one) => one.kind === kind).length;
  return {
    events: events.length,
    readings: readings.length,
    messages: said.length,
    snapshots: count('SNAPSHOT'),
    resyncs: count('RESYNC'),
    amidPosition: readings.filter(({ after }) => after?.key !== undefined).length,
  };
}
