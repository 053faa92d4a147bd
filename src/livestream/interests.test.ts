import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Recorded } from '#event';
import type { Change } from '#projector';
import { type Condition, matches } from '#readtable';
import { wallets } from '../command/wallet.fixture.ts';
import { RowInterests } from './interests.ts';

const coins = fc.option(fc.integer({ min: -3, max: 12 }), { nil: null });
const colour = fc.constantFrom('red', 'blue', '\u{fffd}', '\u{1f600}');
const bound = fc.oneof(
  fc.record({ column: fc.constant('coins'), is: fc.constantFrom('atLeast', 'below'), value: fc.integer({ min: -4, max: 13 }) }),
  fc.record({ column: fc.constant('colour'), is: fc.constantFrom('atLeast', 'below'), value: colour }),
);
const narrow: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 6, arbitrary: bound },
  fc.record({ column: fc.constant('colour'), is: fc.constant('equal'), value: colour }),
  fc.record({ column: fc.constant('coins'), is: fc.constant('in'), value: fc.array(coins, { maxLength: 3 }) }),
);
const row = fc.option(fc.record({ walletId: fc.constant('a'), colour, coins }), { nil: undefined });
/** Nobody here looks at it. */
const cause = {} as Recorded;
const change = fc.record({ before: row, after: row }).map((rows): Change => ({ ...rows, table: wallets, key: 'a', cause }));

/** One is told of a change that it wants; where it wants one range, of no other. */
test('whoever watches rows by whatever conditions is found, and by a range nobody else', () => {
  const watching = fc.array(fc.array(narrow, { maxLength: 3 }), { maxLength: 40 });
  fc.assert(
    fc.property(watching, fc.array(fc.nat()), fc.array(change, { maxLength: 8 }), (all, left, changes) => {
      const interests = new RowInterests<readonly Condition[]>();
      const leave = all.map((conditions) => interests.add({ table: wallets, conditions }, conditions));
      interests.concerned(changes);
      const gone = new Set(left.map((number) => number % Math.max(1, all.length)).filter((index) => index < all.length));
      for (const index of gone) leave[index]?.();
      const staying = all.filter((_, index) => !gone.has(index));
      expect(interests.size).toBe(staying.length);
      const told = interests.concerned(changes);
      for (const conditions of staying) {
        const wanted = changes.filter((one) => [one.before, one.after].some((found) => found && matches(conditions, found)));
        const parts = told.get(conditions) ?? [];
        expect(parts).toEqual(changes.filter((one) => parts.includes(one)));
        expect(parts).toEqual(expect.arrayContaining(wanted));
        const isOneRange = conditions.every(({ is }) => is === 'atLeast' || is === 'below') && conditions.length === 1;
        if (isOneRange) expect(parts).toEqual(wanted);
      }
      for (const conditions of told.keys()) expect(staying).toContain(conditions);
    }),
    { seed: 20261201, numRuns: 2_000 },
  );
});

test('a change finds, among thousands who watch a range each, those whose range holds it', () => {
  const interests = new RowInterests<number>();
  for (let day = 0; day < 5_000; day += 1) {
    const conditions: Condition[] = [
      { column: 'coins', is: 'below', value: day + 2 },
      { column: 'coins', is: 'atLeast', value: day },
    ];
    interests.add({ table: wallets, conditions }, day);
  }
  const moved: Change = { table: wallets, key: 'a', before: { coins: 7 }, after: { coins: 3_000 }, cause };
  expect([...interests.concerned([moved]).keys()].sort((a, b) => a - b)).toEqual([6, 7, 2_999, 3_000]);
});
