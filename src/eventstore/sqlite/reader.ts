import type Database from 'better-sqlite3';
import type { Position } from '#base';
import type { Awaitable, EventReader } from '../port.ts';
import { walBytes } from './checkpoints.ts';
import { openConnection } from './connection.ts';
import { storageFault } from './faults.ts';
import { logReader } from './log.ts';

/** A log in one SQLite file, to be read. */
export interface SqliteReader extends EventReader {
  readonly kind: 'sqlite';
  position(): Position;
  /** A new connection that can only read; closed with the log. */
  openReader(): Database.Database;
  /** Bytes of the write-ahead log beside the file. */
  walBytes(): number;
  close(): Awaitable<void>;
}

/** Opens a log, to be read: one that a writer has opened, who has seen that it is one. */
export function openSqliteReader(file: string): SqliteReader {
  const opened: Database.Database[] = [];
  const openReader = (): Database.Database => {
    try {
      const db = openConnection(file, { readonly: true });
      opened.push(db);
      return db;
    } catch (fault) {
      // Readers are opened when they are needed, so this may reach a client.
      throw storageFault(fault, file);
    }
  };
  return {
    kind: 'sqlite',
    ...logReader(openReader()),
    openReader,
    walBytes: () => walBytes(file),
    close: () => {
      for (const db of opened) db.close();
    },
  };
}
