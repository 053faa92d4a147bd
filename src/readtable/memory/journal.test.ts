import { journalContract } from '../journal.contract.ts';
import { asTested } from '../late.fixture.ts';
import { keyOf } from '../table.ts';
import { memoryJournal } from './journal.ts';
import { memoryRows } from './rows.ts';
import { memorySnapshots } from './snapshots.ts';
import { memoryTransaction } from './testing.ts';

journalContract('memory', (_, positionsMax) => {
  const rows = memoryRows();
  const journal = memoryJournal({ positionsMax });
  let at = 0;
  return {
    rows,
    journal,
    snapshots: asTested(memorySnapshots({ rows, journal, position: () => at })),
    transaction: async (position, work) => {
      const done = await memoryTransaction(work);
      at = position;
      return done;
    },
    swap: async (table) => {
      const none = new Map(rows.all(table).map((row) => [keyOf(table, row), undefined]));
      await memoryTransaction(async (connection) => rows.write(connection, table, none));
      journal.restart(table, at);
    },
    close: () => {},
  };
});
