import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { VarveError } from '#base';
import { ChainWalk } from '../chain.ts';
import type { Head } from '../port.ts';
import { pagesUpTo } from './chain.ts';
import { damagedEvent, missingEvents } from './content.ts';
import { withFaults } from './faults.ts';
import { hasHashes } from './migrate.ts';
import { openLogToRead } from './opening.ts';

/** What a backup holds. */
export interface Backup extends Head {
  readonly bytes: number;
}

/** What may be set of a backup. */
export interface BackupOptions {
  /** Told how far it is, in pages copied and then in events verified; what it throws breaks the backup off. */
  readonly onProgress?: (step: 'copy' | 'verify', done: number, total: number) => void;
}

/** Pages that are copied before others get their turn: 4 MiB. */
const stepPages = 1_024;

/**
 * Copies a log to a file, by SQLite's online backup, while a server goes on writing to it; then verifies the copy: SQLite's own check, positions, versions, and the chain up to
 * its head. The copy is the log as it was at one moment, after the call. It is one file that needs no other, and is synced. Throws `NO_LOG`, `BACKUP_BROKEN`,
 * and what opening a log throws.
 */
export async function backupLog(from: string, to: string, { onProgress }: BackupOptions = {}): Promise<Backup> {
  const source = openLogToRead(from);
  try {
    // Held to its end: SQLite begins a backup anew whenever another process writes, and beside a busy server would never end. What is written meanwhile waits in the
    // write-ahead log.
    source.exec('BEGIN');
    source.prepare('SELECT count(*) FROM sqlite_schema').get();
    await source.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress?.('copy', totalPages - remainingPages, totalPages);
        return stepPages;
      },
    });
  } finally {
    source.close();
  }
  const copy = withFaults(to, () => new Database(to));
  try {
    // A file that needs no other beside it; the log that is opened from it has its write-ahead log again.
    withFaults(to, () => copy.pragma('journal_mode = DELETE'));
    return { ...(await verified(copy, (done, total) => onProgress?.('verify', done, total))), bytes: statSync(to).size };
  } finally {
    copy.close();
  }
}

async function verified(copy: Database.Database, onProgress: (done: number, total: number) => void): Promise<Head> {
  const [{ integrity_check: found }] = copy.pragma('integrity_check(1)') as [{ integrity_check: string }];
  if (found !== 'ok') throw broken(`SQLite's integrity_check found: ${found}`);
  const wrong = missingEvents(copy) ?? damagedEvent(copy, 0);
  if (wrong !== undefined) throw broken(wrong);
  const total = copy.prepare<[], number>('SELECT count(*) FROM events').pluck().get() ?? 0;
  // From before there was a chain: its first start under this version makes one.
  if (!hasHashes(copy)) return { position: total, hash: null };
  const walk = new ChainWalk();
  for (const page of pagesUpTo(copy, 0, total)) {
    for (const event of page) {
      const found = walk.next(event);
      if (found) throw broken(`of the event at position ${found.position}: ${found.why}`);
    }
    onProgress(walk.head.position, total);
    // So that a signal is heard.
    await new Promise(setImmediate);
  }
  return walk.head;
}

const broken = (why: string) =>
  new VarveError({
    code: 'BACKUP_BROKEN',
    message: `What was copied is no whole log: ${why}.`,
    hint: 'Nothing was kept of it. The log itself may be damaged: keep a copy of the data folder, and an older backup.',
  });
