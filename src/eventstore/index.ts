export { ChainWalk, linkOf } from './chain.ts';
export { linesOf } from './exchange/bytes.ts';
export { type ExportSource, exportPages } from './exchange/exporting.ts';
export { type ImportTarget, LogImport } from './exchange/importing.ts';
export type { End } from './exchange/lines.ts';
export type { LogFinding } from './finding.ts';
export { forgetReceipts } from './forgetting.ts';
export type { LogInspection } from './inspection.ts';
export { type MemoryConnection, openMemoryStore } from './memory/memory.ts';
export {
  type AppendCondition,
  type Beginning,
  type BeginningMoment,
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
  type Receipt,
  type StoredEvent,
  type WriteTransaction,
} from './port.ts';
export { assertLogName } from './postgres/address.ts';
export { durably } from './postgres/durable.ts';
export { postgresExport } from './postgres/exporting.ts';
export { holdLog } from './postgres/hold.ts';
export { openPostgresInspection } from './postgres/inspect.ts';
export { openPostgresLook } from './postgres/look.ts';
export { openPostgresStore, type PostgresStore } from './postgres/postgres.ts';
export { openPostgresReader, type PostgresReader } from './postgres/reader.ts';
export { openPostgresReplica } from './postgres/replica.ts';
export { postgresTarget } from './postgres/target.ts';
export { type Backup, backupLog } from './sqlite/backup.ts';
export { sqliteExport } from './sqlite/exporting.ts';
export { fullDisk, isFull } from './sqlite/faults.ts';
export { inspectionFault, openInspection } from './sqlite/inspect.ts';
export { lockDataFolder, lockRebuild } from './sqlite/lock.ts';
export { assertLog } from './sqlite/opening.ts';
export { openSqliteReader } from './sqlite/reader.ts';
export { openBeside, openInThread, openSqliteStore, type SqliteStore } from './sqlite/sqlite.ts';
export { sqliteTarget } from './sqlite/target.ts';
export { LogWalk } from './walk.ts';
