export { type Break, ChainWalk } from './chain.ts';
export { linesOf } from './exchange/bytes.ts';
export type { End } from './exchange/lines.ts';
export type { LogFinding, LogFindingCode } from './finding.ts';
export { forgetReceipts } from './forgetting.ts';
export { type MemoryConnection, openMemoryStore } from './memory/memory.ts';
export {
  type AppendCondition,
  AppendConflict,
  type Awaitable,
  type ChainedEvent,
  type EventReader,
  type EventStore,
  type Expected,
  forgottenId,
  type Head,
  type Moment,
  type NewEvent,
  type Query,
  type QueryItem,
  type ReadOptions,
  type Receipt,
  type StoredEvent,
  type TaggedEvent,
  type WriteTransaction,
} from './port.ts';
export { openPostgresStore, type PostgresOptions, type PostgresStore } from './postgres/postgres.ts';
export { openPostgresReader, type PostgresReader } from './postgres/reader.ts';
export { readAll } from './readall.ts';
export { type Backup, backupLog } from './sqlite/backup.ts';
export { type ExportedPage, exportPages } from './sqlite/exporting.ts';
export { fullDisk, isFull } from './sqlite/faults.ts';
export { LogImport } from './sqlite/importing.ts';
export { inspectionFault, type LogInspection, openInspection } from './sqlite/inspect.ts';
export { type Lock, lockDataFolder, lockRebuild } from './sqlite/lock.ts';
export { assertLog } from './sqlite/opening.ts';
export { openSqliteReader, type SqliteReader } from './sqlite/reader.ts';
export { openBeside, openInThread, openSqliteStore, type SqliteStore } from './sqlite/sqlite.ts';
export { type InspectedEvent, LogWalk, type WalkParts } from './walk.ts';
