export { type Break, ChainWalk } from './chain.ts';
export type { LogFinding, LogFindingCode } from './finding.ts';
export { type MemoryConnection, openMemoryStore } from './memory/memory.ts';
export {
  type AppendCondition,
  AppendConflict,
  type ChainedEvent,
  type EventReader,
  type EventStore,
  type Head,
  type NewEvent,
  type Query,
  type QueryItem,
  type ReadOptions,
  type Receipt,
  type StoredEvent,
  type TaggedEvent,
  type WriteTransaction,
} from './port.ts';
export { readAll } from './readall.ts';
export { fullDisk, isFull } from './sqlite/faults.ts';
export { inspectionFault, type LogInspection, openInspection } from './sqlite/inspect.ts';
export { type Lock, lockDataFolder } from './sqlite/lock.ts';
export { openSqliteReader, type SqliteReader } from './sqlite/reader.ts';
export { openSqliteStore, type SqliteStore } from './sqlite/sqlite.ts';
export { type InspectedEvent, LogWalk, type WalkParts } from './walk.ts';
