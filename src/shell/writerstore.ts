import type { Application } from '#application';
import type { SqlTransaction } from '#base';
import { type Awaitable, type EventStore, openPostgresStore, openSqliteStore, type StoredEvent } from '#eventstore';
import {
  type Catalog,
  type Journal,
  postgresCatalog,
  postgresJournal,
  postgresRows,
  type RowStore,
  sqliteCatalog,
  sqliteJournal,
  sqliteRows,
  tableHash,
} from '#readtable';
import { type DatabasePlace, type FolderPlace, logFile } from './place.ts';

/** All that a writer stands on, of one kind of store. */
export interface WriterStore<Connection> {
  readonly log: EventStore<Connection> & { firstOfEachShape(): Awaitable<readonly StoredEvent[]> };
  readonly rows: RowStore<Connection>;
  readonly journal: Journal<Connection>;
  readonly catalog: Catalog<Connection>;
}
