import type { SqlReads, SqlTransaction } from '#base';
import type { ImportTarget } from '../exchange/importing.ts';
import type { PostgresStore } from './postgres.ts';
import { markText, unfinishedText } from './unfinished.ts';

/** A log on PostgreSQL, for another one to be taken into. It was opened as one that may be unfinished. */
export const postgresTarget = (store: PostgresStore): ImportTarget<SqlTransaction> => ({
  store,
  name: 'The log in the database',
  another: 'give another log by --log',
  isUnfinished: async (sql) => (await sql.read<readonly [boolean | null]>(unfinishedText(sql.schema)))[0]?.[0] === true,
  markUnfinished: (sql, is) => sql.define(markText(sql.schema, is)),
  countReceipts: async (sql) => countOf(await sql.read<readonly [number]>(`SELECT count(*) FROM ${sql.schema}.commands`)),
  disown: (sql) => {
    sql.write(`UPDATE ${sql.schema}.read_tables SET hash = ''`);
    sql.write(`DELETE FROM ${sql.schema}.reactions`);
  },
});

const countOf = ([row]: Awaited<ReturnType<SqlReads['read']>>): number => Number(row?.[0]);
