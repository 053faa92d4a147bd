import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { limits } from '#base';
import { decider, fold } from '#decider';
import { eventCodec, events } from '#event';
import { openMemoryStore } from '#eventstore';
import { States } from './states.ts';
import { wallet } from './wallet.fixture.ts';

const Wallet = decider(wallet)
  .starts<readonly string[]>([])
  .evolves({
    Opened: (seen, { colour }) => [...seen, colour.repeat(30)],
    Paid: (seen, { coins }) => [...seen, String(coins)],
    Repainted: (seen, { to }) => [...seen, to],
  });
const byColour = fold('byColour', [wallet])
  .by((colour) => [`colour:${colour}`])
  .starts<readonly string[]>([])
  .evolves({ Opened: (ids, _, { id }) => [...ids, id] });
const ofAll = fold('ofAll', [wallet])
  .by(() => [])
  .starts(0)
  .evolves({ Paid: (sum, { coins }) => sum + coins });
/** A fold, and the keys that are asked for together. */
const all = [
  ...[['a'], ['b'], ['c'], ['a', 'c', 'a'], ['c', 'b', 'a']].map((keys) => [Wallet, keys] as const),
  ...[['red'], ['blue'], ['green'], ['blue', 'red', 'green'], []].map((keys) => [byColour, keys] as const),
  [ofAll, ['']] as const,
];

const codec = eventCodec([wallet]);
const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
const id = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ id, colour: fc.constantFrom('red', 'blue') }) },
  { weight: 10, arbitrary: fc.record({ id, coins: fc.integer({ min: 1, max: 9 }) }) },
  // Remembering begins at any time, and all may be forgotten at any time.
  { weight: 30, arbitrary: fc.record({ load: fc.constantFrom(...all) }) },
  fc.constant({ forget: true as const }),
);
/** From what holds hardly one state to what holds them all. */
const bounds = fc.record({ statesCachedMax: fc.integer({ min: 1, max: 20 }), statesCachedBytesMax: fc.integer({ min: 200, max: 3_000 }) });
const afresh = () => new States(codec, { statesCachedMax: 1, statesCachedBytesMax: 1_000_000 });

test('a state that is moved on with each event is the state that is folded anew, however little is remembered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 100, size: 'max' }), bounds, async (steps, bounded) => {
      const log = openMemoryStore();
      const states = new States(codec, bounded);
      const look = async ([of, keys]: (typeof all)[number]) => {
        const folded = [];
        for (const key of keys) folded.push(...(await afresh().load(log, of, [key])));
        expect(await states.load(log, of, keys)).toEqual(folded);
      };
      for (const one of steps) {
        if ('forget' in one) states.clear();
        else if ('load' in one) await look(one.load);
        else {
          const fact = 'coins' in one ? wallet.Paid({ coins: one.coins, colour: 'red' }) : wallet.Opened({ colour: one.colour });
          const { tags, ...encoded } = codec.encode(fact);
          const [stored] = await log.append([
            { ...encoded, tags, eventId: 'e', stream: `wallet-${one.id}`, metadata, recordedAt: new Date(0) },
          ]);
          if (stored) states.evolve([{ event: codec.decode(stored), tags }])();
        }
      }
      for (const one of all) await look(one);
    }),
    { seed: 7, numRuns: 500 },
  );
}, 60_000);

test('so many states are remembered, and so much of them: what was pushed out is folded anew', async () => {
  const log = openMemoryStore();
  let reads = 0;
  const counting: typeof log = {
    ...log,
    readTagged: (...asked) => {
      reads += 1;
      return log.readTagged(...asked);
    },
  };
  const readsOf = async (bounds: ConstructorParameters<typeof States>[1], ...keys: readonly string[]) => {
    reads = 0;
    const states = new States(codec, bounds);
    for (const key of keys) await states.load(counting, Wallet, [key]);
    return reads;
  };
  const asked = ['a', 'b', 'a', 'b', 'c', 'a', 'b'];
  expect(await readsOf({}, ...asked)).toBe(3);
  expect(await readsOf({ statesCachedMax: 2 }, ...asked)).toBe(5);
  // A state takes two hundred bytes and its own.
  expect(await readsOf({ statesCachedBytesMax: 500 }, ...asked)).toBe(5);
  expect(await readsOf({ statesCachedBytesMax: 100 }, ...asked)).toBe(7);
});

test('what many keys of a fold have in common is read and decoded once, a page at a time', async () => {
  const both = events('both', { Met: z.object({ names: z.array(z.string()) }) }, { tags: { Met: ({ names }) => names } });
  const met = fold('met', [both])
    .by((name) => [name])
    .starts(0)
    .evolves({ Met: (count) => count + 1 });
  const log = openMemoryStore();
  const names = Array.from({ length: 700 }, (_, i) => `n${i}`);
  const one = { stream: 'both-1', type: 'Met', schemaVersion: 1, metadata, recordedAt: new Date(0) };
  const met1 = { ...one, data: JSON.stringify({ names }), tags: names };
  await log.append(Array.from({ length: limits.readEventsMax + 5 }, (_, i) => ({ ...met1, eventId: `e${i}` })));
  const plain = eventCodec([both]);
  let decoded = 0;
  const counting: typeof plain = {
    ...plain,
    decode: (stored) => {
      decoded += 1;
      return plain.decode(stored);
    },
  };
  const states = new States(counting);
  const folded = await states.load(log, met, names);
  expect(new Set(folded.map(({ state }) => state))).toEqual(new Set([limits.readEventsMax + 5]));
  expect([folded.length, decoded]).toEqual([700, limits.readEventsMax + 5]);
  await states.load(log, met, [...names, 'another']);
  expect(decoded).toBe(limits.readEventsMax + 5);
});

test('what a command would make of a state is not there until it is accepted', async () => {
  const log = openMemoryStore();
  const states = new States(codec);
  await states.load(log, ofAll, ['']);
  const event = codec.decode({
    ...codec.encode(wallet.Paid({ coins: 5, colour: 'red' })),
    eventId: 'e',
    stream: 'wallet-a',
    position: 1,
    version: 1,
    metadata,
    recordedAt: new Date(0),
  });
  const accept = states.evolve([{ event, tags: [] }]);
  expect((await states.load(log, ofAll, [''])).at(0)?.state).toBe(0);
  accept();
  expect((await states.load(log, ofAll, [''])).at(0)?.state).toBe(5);
});

test('two folds of one name are told apart from one', async () => {
  const log = openMemoryStore();
  const states = new States(codec);
  const twin = fold('byColour', [wallet])
    .by((colour) => [`colour:${colour}`])
    .starts<readonly string[]>([])
    .evolves({});
  await states.load(log, byColour, ['red']);
  await expect(states.load(log, twin, ['red'])).rejects.toMatchObject({ code: 'BUG', message: 'Two folds are named byColour.' });
  expect(() => fold('by colour', [wallet])).toThrow('is not letters and digits only');
});
