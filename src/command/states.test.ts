import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decider, fold } from '#decider';
import { eventCodec } from '#event';
import { openMemoryStore } from '#eventstore';
import { States } from './states.ts';
import { wallet } from './wallet.fixture.ts';

const Wallet = decider(wallet)
  .starts<readonly string[]>([])
  .evolves({
    Opened: (seen, { colour }) => [...seen, colour],
    Paid: (seen, { coins }) => [...seen, String(coins)],
    Repainted: (seen, { to }) => [...seen, to],
  });
const byColour = fold('byColour', [wallet])
  .by((colour) => [`colour:${colour}`])
  .starts(0)
  .evolves({ Opened: (count) => count + 1 });
const ofAll = fold('ofAll', [wallet])
  .by(() => [])
  .starts(0)
  .evolves({ Paid: (sum, { coins }) => sum + coins });

const codec = eventCodec([wallet]);
const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
const id = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  fc.record({ id, colour: fc.constantFrom('red', 'blue') }),
  fc.record({ id, coins: fc.integer({ min: 1, max: 9 }) }),
  // Remembering begins at any time, and all may be forgotten at any time.
  fc.record({ load: id }),
  fc.constant({ forget: true as const }),
);

test('a state that is moved on with each event is the state that is folded anew', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const log = openMemoryStore();
      const states = new States(codec);
      const look = async (from: States) => {
        const folded = [];
        for (const key of ['a', 'b', 'c']) folded.push(await from.load(log, Wallet, key));
        for (const key of ['red', 'blue', 'green']) folded.push(await from.load(log, byColour, key));
        folded.push(await from.load(log, ofAll, ''));
        return folded.map(({ state, version }) => [state, version]);
      };
      for (const one of steps) {
        if ('forget' in one) states.clear();
        else if ('load' in one) await states.load(log, Wallet, one.load);
        else {
          const fact = 'coins' in one ? wallet.Paid({ coins: one.coins, colour: 'red' }) : wallet.Opened({ colour: one.colour });
          const { tags, ...encoded } = codec.encode(fact);
          const [stored] = await log.append([
            { ...encoded, tags, eventId: 'e', stream: `wallet-${one.id}`, metadata, recordedAt: new Date(0) },
          ]);
          if (stored) states.evolve(Wallet, [{ event: codec.decode(stored), tags }])();
        }
        expect(await look(states)).toEqual(await look(new States(codec)));
      }
    }),
    { seed: 7, numRuns: 60 },
  );
}, 60_000);

test('what a command would make of a state is not there until it is accepted', async () => {
  const log = openMemoryStore();
  const states = new States(codec);
  await states.load(log, ofAll, '');
  const event = codec.decode({
    ...codec.encode(wallet.Paid({ coins: 5, colour: 'red' })),
    eventId: 'e',
    stream: 'wallet-a',
    position: 1,
    version: 1,
    metadata,
    recordedAt: new Date(0),
  });
  const accept = states.evolve(Wallet, [{ event, tags: [] }]);
  expect((await states.load(log, ofAll, '')).state).toBe(0);
  accept();
  expect((await states.load(log, ofAll, '')).state).toBe(5);
});
