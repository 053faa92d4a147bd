import { type Awaitable, type Position, VarveError } from '#base';
import {
  assertLog,
  type ExportSource,
  type Head,
  holdLog,
  lockDataFolder,
  openPostgresLook,
  openSqliteReader,
  postgresExport,
  sqliteExport,
} from '#eventstore';
import { postgresReactions, sqliteReactions } from '#reaction';
import { type EntryPlace, postgresStoredJournal, type StoredEntry, type StoredTable, sqliteStoredJournal } from '#readtable';
import { type DatabasePlace, type FolderPlace, logFile, type Place, shownPlace } from './place.ts';

/** Opens a log to be exported from a position on, beside whoever writes to it. Closing it closes all. Throws what opening it throws. */
export async function openExport(place: Place, from?: number): Promise<ExportSource> {
  if ('folder' in place) return sqliteExport(logFile(place.folder), from);
  const look = await openPostgresLook(place.url, place.log);
  try {
    const source = await postgresExport(look, from);
    const close = async () => {
      await source.close();
      await look.close();
    };
    return { ...source, close };
  } catch (fault) {
    await look.close();
    throw fault;
  }
}

/** What else of a log is read, on whichever connection: its journal of row changes, and its reactions. */
export interface RestReads {
  tables(): Awaitable<readonly StoredTable[]>;
  /** A table's entries after a place, in order. */
  entries(table: string, after: EntryPlace, count: number): Awaitable<readonly StoredEntry[]>;
  /** How far each has come. */
  reactions(): Awaitable<ReadonlyMap<string, Position>>;
}

/** A log that is moved: nobody else writes to it until it is closed. */
export interface MoveSource {
  /** The whole log, as an export has it. */
  open(): Promise<ExportSource>;
  /** What an export has not; it is closed by then. */
  rest(): RestReads;
  /** Throws `MOVE_SOURCE_CHANGED` where the log is not what was read of it any more. */
  assertUnchanged(head: Head): Promise<void>;
  close(): Promise<void>;
}

/** Opens a log to be moved elsewhere. Throws `DATA_FOLDER_IN_USE`, `LOG_BUSY`, and what opening it throws. */
export const openMoveSource = (place: Place): Promise<MoveSource> => ('folder' in place ? openFolder(place) : openDatabase(place));

async function openFolder({ folder }: FolderPlace): Promise<MoveSource> {
  const file = logFile(folder);
  // Before it is locked, which would make a folder where there is none.
  assertLog(file);
  const lock = lockDataFolder(folder, 'varve move');
  const closing: (() => void)[] = [lock.release];
  return {
    open: async () => sqliteExport(file),
    rest: () => {
      const reader = openSqliteReader(file);
      const db = reader.openReader();
      closing.unshift(() => void reader.close());
      return {
        tables: () => sqliteStoredJournal.tables(db),
        entries: (...asked) => sqliteStoredJournal.entries(db, ...asked),
        reactions: () => sqliteReactions.positions(db),
      };
    },
    assertUnchanged: async () => undefined,
    close: async () => {
      for (const close of closing) close();
    },
  };
}

async function openDatabase(place: DatabasePlace): Promise<MoveSource> {
  const look = await openPostgresLook(place.url, place.log);
  try {
    const held = await holdLog(place.url, place.log);
    return {
      open: () => postgresExport(look),
      rest: () => ({
        tables: () => postgresStoredJournal.tables(look.sql),
        entries: (...asked) => postgresStoredJournal.entries(look.sql, ...asked),
        reactions: () => postgresReactions.positions(look.sql),
      }),
      assertUnchanged: async ({ position, hash }) => {
        const now = await look.head();
        if (!held.isHeld || now.position !== position || now.hash !== hash) throw changed(place, position, now);
      },
      close: async () => {
        await held.release();
        await look.close();
      },
    };
  } catch (fault) {
    await look.close();
    throw fault;
  }
}

const changed = (place: Place, position: number, now: Head) =>
  new VarveError({
    code: 'MOVE_SOURCE_CHANGED',
    message: `${shownPlace(place)} was read up to position ${position}, and is at ${now.position} now: it may have been written to meanwhile, for the connection that kept it from that was lost.`,
    hint: 'Stop the servers that write there, and run the same move again: it goes on after what is there.',
  });
