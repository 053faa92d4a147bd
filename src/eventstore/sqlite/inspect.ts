import { existsSync, statSync } from 'node:fs';
import Database, { SqliteError } from 'better-sqlite3';
import { limits, type Position, textOf, VarveError } from '#base';
import type { LogFinding } from '../finding.ts';
import { inspected, type StoredRow } from '../inspected.ts';
import type { LogInspection } from '../inspection.ts';
import type { Head } from '../port.ts';
import type { InspectedEvent } from '../walk.ts';
import { InOrder, linkIn, type TaggedRow, taggedPages } from './chain.ts';
import { corrupt, isDamage, isLogFile } from './check.ts';
import { missingDefinition } from './definition.ts';
import { isFull, withFaults } from './faults.ts';
import { eventOf, logReader } from './log.ts';
import { migrationState, tooNew, tooOld } from './migrate.ts';
import { strays } from './strays.ts';
import { walDamage, whyWalEnds } from './wal.ts';

/** A log as it stands in its file: all is read on one connection. */
export interface SqliteInspection extends LogInspection {
  readonly db: Database.Database;
  integrity(): readonly LogFinding[];
  hold(): void;
  head(): Head;
  close(): void;
}

/**
 * Opens a log to look at it. Throws `NO_LOG` where there is none, `NOT_A_LOG`, `LOG_TOO_OLD` and `LOG_TOO_NEW` where another version's tables stand in
 * it, `STORAGE_CORRUPT`, `STORAGE_FAILED`, and `LOG_LOCKED` (retryable).
 */
export function openInspection(file: string): SqliteInspection {
  if (!isThere(file)) throw noLog(file);
  return inspecting(file, () => {
    const db = connect(file);
    try {
      assertPresent(db, file);
      return new Inspection(db);
    } catch (fault) {
      db.close();
      throw fault;
    }
  });
}

function isThere(file: string): boolean {
  try {
    return isLogFile(file);
  } catch (fault) {
    // Of a path that cannot be followed the system says why: no right to a folder, a link to itself, a name too long.
    throw fault instanceof VarveError ? fault : notReached(file, fault);
  }
}

/** A fault of looking, in words for whoever looks: nobody's command has failed. */
export function inspectionFault(fault: unknown, file: string): unknown {
  if (isDamage(fault)) return corrupt(file, textOf(fault), fault);
  if (isFull(fault)) return noRoom(fault);
  if (fault instanceof SqliteError && /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(fault.code)) return locked(file, fault);
  if (fault instanceof SqliteError && fault.code.startsWith('SQLITE_CANTOPEN')) return cannotOpen(file, fault);
  try {
    return withFaults(file, () => {
      throw fault;
    });
  } catch (translated) {
    return translated;
  }
}

function inspecting<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (fault) {
    throw inspectionFault(fault, file);
  }
}

/**
 * A connection that may only read leaves the write-ahead log as a crash or a server has left it. Where there is none it would leave an empty one
 * behind; one that might write, and is kept from it, cleans up after itself.
 */
function connect(file: string): Database.Database {
  const db = new Database(file, { fileMustExist: true, readonly: existsSync(`${file}-wal`) });
  db.pragma('busy_timeout = 5000');
  db.pragma(`cache_size = ${-limits.pageCacheKiB}`);
  db.pragma('query_only = ON');
  return db;
}

function assertPresent(db: Database.Database, file: string): void {
  const state = migrationState(db);
  const damage = state === 'older' ? walDamage(db) : undefined;
  const lacking = damage ? whyWalEnds(damage, db) : missingDefinition(db);
  if (lacking !== undefined) throw corrupt(file, lacking);
  if (state === 'newer') throw tooNew(file);
  if (state === 'older') throw tooOld(file);
}

class Inspection implements SqliteInspection {
  readonly db: Database.Database;
  readonly #reader;
  readonly #hash;
  readonly #receipt;

  constructor(db: Database.Database) {
    this.db = db;
    this.#reader = logReader(db);
    this.#hash = db.prepare<[Position], string | null>('SELECT lower(hex(hash)) FROM events WHERE position = ?').pluck();
    this.#receipt = db.prepare<[string], Position>('SELECT position FROM commands WHERE command_id = ?').pluck();
  }

  integrity(): readonly LogFinding[] {
    const lines = this.db.prepare<[], string>('PRAGMA integrity_check').pluck().all();
    const found = lines.filter((line) => line !== 'ok').map((line) => `SQLite's integrity_check: ${line}.`);
    const cutShort = walDamage(this.db);
    if (cutShort) found.push(`${this.db.name} is cut short: ${whyWalEnds(cutShort, this.db)}.`);
    return found.map((message) => ({ code: 'FILE_DAMAGED', message }));
  }

  hold(): void {
    if (this.db.inTransaction) return;
    this.db.exec('BEGIN');
    // Only the first read fixes what a deferred transaction sees.
    this.#reader.position();
  }

  head(): Head {
    return this.#reader.head();
  }

  hashAt(position: Position): string | null | undefined {
    return this.#hash.get(position);
  }

  *pages(after: Position, last: Position): Generator<readonly InspectedEvent[]> {
    // What is put in order is put into tables of the connection's own.
    this.db.pragma('query_only = OFF');
    try {
      const receipts = new InOrder(this.db, 'command_id', 'commands', after, last);
      for (const page of taggedPages(this.db, after, last)) {
        const receiptsAt = receipts.upTo(page.at(-1)?.position ?? last);
        yield page.map((row) => inspected(storedRow(row), receiptsAt(row.position)));
      }
      receipts.drop();
    } finally {
      this.db.pragma('query_only = ON');
    }
  }

  receiptOf(commandId: string): Position | undefined {
    return this.#receipt.get(commandId);
  }

  strays(): Iterable<LogFinding> {
    return strays(this.db, this.#reader.position());
  }

  close(): void {
    this.db.close();
  }
}

const storedRow = (row: TaggedRow): StoredRow => ({ ...eventOf(row, row.metadata, row.recorded_at), tags: row.tags, hash: linkIn(row) });

const noLog = (file: string) =>
  new VarveError({
    code: 'NO_LOG',
    message: `There is no log: ${file} does not exist.`,
    hint: 'Give the data folder of the server with --data, or set VARVE_DATA.',
  });

const notReached = (file: string, cause: unknown) =>
  new VarveError({
    code: 'STORAGE_FAILED',
    message: `${file} cannot be looked at: ${textOf(cause)}.`,
    hint: 'Look at the path, and at the rights on its folders.',
    cause,
  });

const locked = (file: string, cause: unknown) =>
  new VarveError({
    code: 'LOG_LOCKED',
    message: `${file} is locked by another program: ${textOf(cause)}.`,
    hint: 'A server of Varve does not lock it. Close what else has it open, then try again.',
    retryable: true,
    cause,
  });

const noRoom = (cause: unknown) =>
  new VarveError({
    code: 'STORAGE_FULL',
    message: `There is no room for what is worked out beside the log: ${textOf(cause)}.`,
    hint: 'Make room on the disk of temporary files, or name another folder for them in SQLITE_TMPDIR: it takes about what the read tables take.',
    retryable: true,
    cause,
  });

function cannotOpen(file: string, cause: unknown): VarveError {
  const isFile = statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  return new VarveError({
    code: 'STORAGE_FAILED',
    message: `${file} cannot be opened: ${textOf(cause)}.`,
    hint: isFile
      ? 'SQLite keeps an index of the write-ahead log beside the file: look at it in a folder that may be written to, or in a copy.'
      : 'Look at the rights on the data folder.',
    cause,
  });
}
