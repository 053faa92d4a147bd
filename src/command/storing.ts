import type { WriteTransaction } from '#eventstore';
import type { RowStore } from '#readtable';
import type { Deciding } from './deciding.ts';

/** A transaction whose reads are not taken for the command that is decided in it: a disk may be slow, but it gets on. */
export const storingEvents = <Connection>(transaction: WriteTransaction<Connection>, deciding: Deciding): WriteTransaction<Connection> => ({
  ...transaction,
  readTagged: (...asked) => deciding.during(0, () => transaction.readTagged(...asked)),
});

/** The same of rows, where many are read or written at once. */
export const storingRows = <Connection>(rows: RowStore<Connection>, deciding: Deciding): RowStore<Connection> => ({
  ...rows,
  where: (...asked) => deciding.during(0, () => rows.where(...asked)),
  write: (...asked) => deciding.during(0, () => rows.write(...asked)),
});
