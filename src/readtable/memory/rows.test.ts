import { expect, it } from 'vitest';
import { rowStoreContract, thing, things } from '../rowstore.contract.ts';
import { memoryRows } from './rows.ts';
import { memoryTransaction } from './testing.ts';

rowStoreContract('memory', () => ({ store: memoryRows(), transaction: memoryTransaction, close: () => {} }));

it('shows all rows of a table in the order of their keys', async () => {
  const rows = memoryRows();
  expect(rows.all(things)).toEqual([]);
  await memoryTransaction(async (connection) =>
    rows.write(
      connection,
      things,
      new Map([
        ['b', thing('b')],
        ['a', thing('a')],
      ]),
    ),
  );
  expect(rows.all(things)).toEqual([thing('a'), thing('b')]);
});
