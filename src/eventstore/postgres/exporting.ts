import Database from 'better-sqlite3';
import type { Position, SqlReads } from '#base';
import { assertWithin, type ExportSource } from '../exchange/exporting.ts';
import { createReceiptsInOrder, ReceiptsInOrder } from '../exchange/receipts.ts';
import { paged } from './paged.ts';
import type { PostgresReader } from './reader.ts';
import { chainPages, headText } from './reads.ts';
import { type HeadRow, headOf } from './rows.ts';

/**
 * A log on PostgreSQL, to be exported from a position on. Receipts have no order by position there: they are read in one moment, and put in order in a file
 * without a name among the temporary ones of this process. Events never change, so no moment is held while they are read. The look stays open. Throws
 * `POSITION_AHEAD`.
 */
export async function postgresExport({ moments, sql }: Pick<PostgresReader, 'moments' | 'sql'>, from: Position = 1): Promise<ExportSource> {
  const db = new Database('');
  try {
    createReceiptsInOrder(db);
    const moment = await moments.begin();
    try {
      const last = headOf((await moment.read<HeadRow>(headText(moment.schema)))[0]).position;
      assertWithin(from, last);
      await putInOrder(moment, db, [from === 1 ? 0 : from, last]);
      const [before] = await moment.read<readonly [string]>(`SELECT encode(hash, 'hex') FROM ${moment.schema}.events WHERE position = $1`, [
        from - 1,
      ]);
      return {
        from,
        last,
        previous: before?.[0] ?? null,
        receipts: new ReceiptsInOrder(db),
        events: () => chainPages(sql, from - 1, last),
        close: () => void db.close(),
      };
    } finally {
      moment.end();
    }
  } catch (fault) {
    db.close();
    throw fault;
  }
}

type ReceiptRow = readonly [position: Position, commandId: string, inputHash: string, outcome: string];

async function putInOrder(sql: SqlReads, db: Database.Database, [from, last]: readonly [Position, Position]): Promise<void> {
  const insert = db.prepare('INSERT INTO receipts_in_order VALUES (?, ?, ?, ?)');
  const putAll = db.transaction((rows: readonly ReceiptRow[]) => {
    for (const row of rows) if (row[0] >= from && row[0] <= last) insert.run(...row);
  });
  const select = (condition: string) => `SELECT position, command_id, input_hash, outcome FROM ${sql.schema}.commands WHERE ${condition}`;
  for await (const page of paged<ReceiptRow>(sql, select, ['command_id'], ([, commandId]) => [commandId])) putAll(page);
}
