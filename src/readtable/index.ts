export type { Catalog } from './catalog.ts';
export {
  assertRow,
  boolean,
  type Column,
  type Columns,
  decimal,
  hidden,
  id,
  instant,
  int,
  list,
  oneOf,
  optional,
  text,
} from './column.ts';
export { compareRows, type RowDifference } from './compare.ts';
export { cursorOf } from './cursor.ts';
export { encodeRow } from './encoding.ts';
export { tableHash } from './hash.ts';
export { havingValues } from './having.ts';
export type {
  Journal,
  JournalEntry,
  JournaledChange,
  JournalOptions,
  JournalPage,
  Reached,
  TableChange,
} from './journal.ts';
export { compareKeys } from './keys.ts';
export { compareOrdinals, matches, type Ordinal, ordinalOf } from './matches.ts';
export { type MemoryJournal, memoryJournal } from './memory/journal.ts';
export { type MemoryRows, memoryRows } from './memory/rows.ts';
export { memorySnapshots } from './memory/snapshots.ts';
export { nextTable } from './names.ts';
export { onlyColumn, onlyColumns, withoutLists } from './narrow.ts';
export { readOnce } from './once.ts';
export { openPostgresSnapshots, openSqliteSnapshots } from './opensnapshots.ts';
export type { Equals, RowStore } from './port.ts';
export { postgresCatalog } from './postgres/catalog.ts';
export { postgresJournal } from './postgres/journal.ts';
export { postgresRows } from './postgres/rows.ts';
export type { Condition, Page, PageRequest, Snapshot, Snapshots } from './read.ts';
export { replicaSnapshots } from './replica.ts';
export { sqliteCatalog } from './sqlite/catalog.ts';
export { sqliteJournal } from './sqlite/journal.ts';
export { sqliteRows } from './sqlite/rows.ts';
export { openScratchTables } from './sqlite/scratch.ts';
export { type NotedTable, postgresStanding, type StandingTables, sqliteStanding } from './standing.ts';
export {
  type EntryPlace,
  postgresStoredJournal,
  type StoredEntry,
  type StoredJournal,
  type StoredTable,
  sqliteStoredJournal,
} from './storedjournal.ts';
export { type AnyRow, keyOf, type Row, type Table, table } from './table.ts';
