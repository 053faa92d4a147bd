import type { WriteTransaction } from '#eventstore';
import type { RowStore } from '#readtable';
import type { Deciding } from './deciding.ts';

/** A transaction whose reads are not taken for the command that is decided in it: a disk or a network may be slow, but that is not the command's doing. */
export const storingEvents = <Connection>(transaction: WriteTransaction<Connection>, deciding: Deciding): WriteTransaction<Connection> => ({
  ...transaction,
  receipt: (...asked) => deciding.during(0, () => transaction.receipt(...asked)),
  readTagged: (...asked) => deciding.during(0, () => transaction.readTagged(...asked)),
});

/** The same of rows. */
export const storingRows = <Connection>(rows: RowStore<Connection>, deciding: Deciding): RowStore<Connection> => ({
  ...rows,
  get: (...asked) => deciding.during(0, () => rows.get(...asked)),
  where: (...asked) => deciding.during(0, () => rows.where(...asked)),
  write: (...asked) => deciding.during(0, () => rows.write(...asked)),
});
