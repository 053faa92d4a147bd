import type { SqlTransaction } from '#base';
import type { Opens } from '../journal.fixture.ts';
import { postgresCatalog } from './catalog.ts';
import { moveTo, testDatabase } from './database.fixture.ts';
import { postgresJournal } from './journal.ts';
import { postgresRows } from './rows.ts';
import { postgresSnapshots } from './snapshots.ts';

/** Opens a journal in a schema of its own, for the suite of all journals. */
export const openedJournal: Opens<SqlTransaction> = async (tables, positionsMax) => {
  const database = await testDatabase(...tables);
  const snapshots = postgresSnapshots(database);
  let at = 0;
  return {
    rows: postgresRows(),
    journal: postgresJournal({ positionsMax }),
    snapshots,
    transaction: (to, work) =>
      database.transaction(async (transaction) => {
        moveTo(transaction, to);
        const done = await work(transaction);
        at = to;
        return done;
      }),
    swap: (table) =>
      database.transaction(async (transaction) => {
        await postgresCatalog.prepareNext(transaction, table);
        await postgresCatalog.swapNext(transaction, table, 'hash', at);
      }),
    close: async () => {
      snapshots.close();
      await database.remove();
    },
  };
};
