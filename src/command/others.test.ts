import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EventStore, type Expected, type MemoryConnection, openMemoryStore } from '#eventstore';
import { type Commit, rebuild } from '#projector';
import { type Journal, keyOf, type MemoryRows, memoryJournal, memoryRows, type RowStore } from '#readtable';
import { type DispatcherParts, dispatcher, type LocalDispatcher } from './dispatcher.ts';
import { codecOf } from './memory.ts';
import { colours, openWallet, pay, repaint, walletDomain, wallets } from './wallet.fixture.ts';

const codec = codecOf(walletDomain);
const tables = [wallets, colours];

/** What several processes share. */
function shared() {
  const rows = memoryRows();
  return { log: openMemoryStore(), rows, journal: memoryJournal({ rows }) };
}

/** A process, and what it was told of. */
interface Process {
  readonly dispatcher: LocalDispatcher;
  readonly told: Commit[];
  readonly behind: number[];
}

function processOn(
  on: ReturnType<typeof shared>,
  parts: Partial<Pick<DispatcherParts<MemoryConnection>, 'log' | 'rows' | 'journal'>> = {},
): Process {
  const [told, behind]: [Commit[], number[]] = [[], []];
  const caches = { statesCachedMax: 50, statesCachedBytesMax: 1_000_000, rowsCachedMax: 50, rowsCachedBytesMax: 1_000_000 };
  return {
    told,
    behind,
    dispatcher: dispatcher({
      ...on,
      ...parts,
      codec,
      caches,
      projections: walletDomain.projections,
      onCommit: (commit) => told.push(commit),
      onBehind: (position) => behind.push(position),
    }),
  };
}

async function rebuilt(log: EventStore<MemoryConnection>): Promise<MemoryRows> {
  const rows = memoryRows();
  await rebuild({ log, codec, projections: walletDomain.projections, rows, swap: () => {} });
  return rows;
}

const walletId = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const colour = fc.constantFrom('red', 'blue');
const wish = fc.oneof(
  fc.record({ command: fc.constant(openWallet), input: fc.record({ walletId, colour }) }),
  fc.record({ command: fc.constant(pay), input: fc.record({ walletId, coins: fc.integer({ min: 1, max: 9 }) }) }),
  fc.record({ command: fc.constant(repaint), input: fc.record({ walletId, from: colour, to: colour }) }),
);
const step = fc.record({ by: fc.nat(2), at: fc.array(wish, { minLength: 1, maxLength: 4 }), look: fc.boolean() });

test('several processes on one log decide on what the others did, keep the same rows, and are told of every commit once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const on = shared();
      const processes = [processOn(on), processOn(on), processOn(on)];
      for (const { dispatcher } of processes) await dispatcher.look();
      for (const { by, at, look } of steps) {
        await Promise.all(at.map(({ command, input }) => processes[by]?.dispatcher.send(command, input)));
        if (look) await processes[(by + 1) % 3]?.dispatcher.look();
      }
      for (const { dispatcher } of processes) await dispatcher.look();
      const again = await rebuilt(on.log);
      for (const table of tables) expect(on.rows.all(table)).toEqual(again.all(table));
      const opened = (await on.log.read('all')).filter(({ type }) => type === 'Opened').map(({ data }) => data);
      for (const data of new Set(opened)) expect(opened.filter((one) => one === data).length).toBeLessThanOrEqual(3);
      const [one, ...others] = processes.map(({ told }) => told.flatMap(({ events, changes }) => [...events, ...changes.map(shownOf)]));
      expect(one?.flatMap((told) => ('eventId' in told ? [told.position] : []))).toEqual(
        (await on.log.read('all')).map(({ position }) => position),
      );
      for (const other of others)
        expect(new Set(other.map((told) => JSON.stringify(told)))).toEqual(new Set(one?.map((told) => JSON.stringify(told))));
    }),
    { numRuns: 60 },
  );
});

const shownOf = ({ table, key, before, after, cause }: Commit['changes'][number]) => ({
  table: table.name,
  key,
  before,
  after,
  at: cause.position,
});

test('of more than is taken in at once a process forgets what it remembers, and says so', async () => {
  const on = shared();
  const [one, two] = [processOn(on), processOn(on)];
  await two.dispatcher.look();
  for (const id of ['a', 'b']) await one.dispatcher.send(openWallet, { walletId: id, colour: 'red' });
  await two.dispatcher.send(pay, { walletId: 'a', coins: 1 });
  for (let i = 0; i < 3; i++) await one.dispatcher.send(pay, { walletId: 'a', coins: 1, times: 900 });
  expect(await two.dispatcher.send(pay, { walletId: 'a', coins: 1 })).toMatchObject({ accepted: true, position: 2_704 });
  expect(two.behind).toEqual([2_703]);
  expect(on.rows.all(wallets).find((row) => keyOf(wallets, row) === 'a')).toMatchObject({ coins: 2_702 });
});

test('a log that does not begin with what a process knew is decided on as it stands', async () => {
  const [lost, found] = [shared(), shared()];
  const elsewhere = processOn(found);
  for (const on of [lost, found]) await processOn(on).dispatcher.send(openWallet, { walletId: 'a', colour: 'red' });
  let on = lost;
  const log = through(lost.log, () => on.log);
  const rows = through<RowStore<MemoryConnection>>(lost.rows, () => on.rows);
  const journal = through<Journal<MemoryConnection>>(lost.journal, () => on.journal);
  const one = processOn(lost, { log, rows, journal });
  await one.dispatcher.send(openWallet, { walletId: 'b', colour: 'blue' });
  await one.dispatcher.send(pay, { walletId: 'a', coins: 5 });
  on = found;
  // As long as what was known, then longer, then shorter.
  for (const coins of [7, 8]) await elsewhere.dispatcher.send(pay, { walletId: 'a', coins });
  expect(await one.dispatcher.send(pay, { walletId: 'a', coins: 1 })).toMatchObject({ position: 4 });
  expect(await one.dispatcher.send(pay, { walletId: 'b', coins: 1 })).toMatchObject({ refusal: { rejection: 'WalletNotFound' } });
  on = lost;
  for (const coins of [1, 2]) await processOn(lost).dispatcher.send(pay, { walletId: 'a', coins });
  expect(await one.dispatcher.send(pay, { walletId: 'b', coins: 1 })).toMatchObject({ accepted: true, position: 6 });
  on = found;
  expect(await one.dispatcher.send(pay, { walletId: 'a', coins: 1 })).toMatchObject({ position: 5 });
  for (const world of [lost, found]) {
    const again = await rebuilt(world.log);
    for (const table of tables) expect(world.rows.all(table)).toEqual(again.all(table));
  }
  expect(one.behind).toEqual([3, 5, 4]);
});

/** What answers by whatever stands there now. */
function through<T extends object>(first: T, now: () => T): T {
  const named = (name: string) => Reflect.get(now(), name) as (...asked: readonly unknown[]) => unknown;
  return Object.fromEntries(Object.keys(first).map((name) => [name, (...asked: readonly unknown[]) => named(name)(...asked)])) as T;
}

test('what a batch is going to ask of a store that is far away is asked for once, and answers to what is asked for', async () => {
  const on = shared();
  const near = processOn(on);
  for (const id of ['a', 'b', 'c']) await near.dispatcher.send(openWallet, { walletId: id, colour: `of ${id}` });
  const [expected, rowsExpected]: [Expected[], string[][]] = [[], []];
  const asked: string[] = [];
  const log: EventStore<MemoryConnection> = {
    ...on.log,
    transaction: (work, ask) =>
      on.log.transaction((transaction) => {
        const expect = async (one: Expected) => void expected.push(one);
        const { connection, since } = transaction;
        const answer = ask?.({ connection, expect, ...(since && { since }) });
        return work({ ...transaction, expect, readTagged: async (...wanted) => transaction.readTagged(...wanted) }, answer);
      }),
  };
  const rows: RowStore<MemoryConnection> = {
    ...on.rows,
    get: async (connection, table, key) => {
      asked.push(key);
      return on.rows.get(connection, table, key);
    },
    expect: async (_, keys) => void rowsExpected.push([...keys].flatMap(([table, some]) => [...some].map((key) => `${table.name} ${key}`))),
  };
  const far = processOn(on, { log, rows });
  const sent = [
    far.dispatcher.send(pay, { walletId: 'a', coins: 1 }, { commandId: 'known' }),
    far.dispatcher.send(pay, { walletId: 'b', coins: 1 }),
    far.dispatcher.send(openWallet, { walletId: 'd', colour: 'new' }),
    far.dispatcher.send(pay, { walletId: 'nobody', coins: -1 }).catch((fault: Error) => fault.message),
  ];
  expect(await Promise.all(sent)).toMatchObject([
    { accepted: true },
    { accepted: true },
    { accepted: true },
    expect.stringContaining('the decider broke'),
  ]);
  // While the transaction begins, and once more when it is known that others had committed something.
  expect(expected).toHaveLength(2);
  expect(expected[1]).toEqual(expected[0]);
  expect(expected[0]?.commandIds).toEqual(['known']);
  expect(expected[0]?.items).toHaveLength(5);
  // What is paid goes to the rows of a colour by a `where`: that is not foreseen.
  expect(rowsExpected).toEqual([['wallets a', 'wallets b', 'wallets d', 'colours new']]);
  expect([...new Set(asked)]).toEqual(expect.arrayContaining(['a', 'b', 'd', 'new']));
});
