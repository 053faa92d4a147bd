import { expect, it } from 'vitest';
import { type MemoryConnection, memoryRows } from './memory.ts';
import { rowStoreContract, thing, things } from './rowstore.contract.ts';

async function undoing<T>(work: (connection: MemoryConnection) => Promise<T>): Promise<T> {
  const undos: (() => void)[] = [];
  try {
    return await work({ onRollback: (undo) => undos.push(undo) });
  } catch (fault) {
    for (const undo of undos.reverse()) undo();
    throw fault;
  }
}

rowStoreContract('memory', () => ({ store: memoryRows(), transaction: undoing, close: () => {} }));

it('shows all rows of a table in the order of their keys', async () => {
  const rows = memoryRows();
  expect(rows.all(things)).toEqual([]);
  await undoing(async (connection) =>
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
