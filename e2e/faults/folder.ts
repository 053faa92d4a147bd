import type Database from 'better-sqlite3';
import type { Application } from '#application';
import { codecOf } from '#command';
import type { ChainedEvent, Receipt } from '#eventstore';
import { projector } from '#projector';
import { allRows, openScratchTables, sqliteRows } from '#readtable';
import { verify } from '#varve';
import { withDatabase } from '../data-folder.ts';
import { check } from './checker.ts';
import type { CheckedDomain, Finding } from './finding.ts';
import type { History } from './history.ts';
import type { Rows, Stored } from './stored.ts';

/** Holds a data folder that no server has open against a history, and against `varve verify`. */
export async function checkFolder(
  application: Application,
  folder: string,
  history: History,
  domain: CheckedDomain,
): Promise<{ readonly stored: Stored; readonly findings: readonly Finding[] }> {
  // Whoever runs tests changes the text of projections: tables look stale then, and are compared all the same.
  const { findings: verified } = await verify(application, folder, { staleToo: true });
  const stored = await storedInFolder(application, folder);
  const unsound = verified
    .filter(({ level }) => level === 'error')
    .map(({ code, message }): Finding => ({ code: 'UNVERIFIED', message: `${code}: ${message}` }));
  return { stored, findings: [...unsound, ...check({ stored, history }, domain)] };
}

/** What is stored in a data folder that no server has open, read by the plainest means. */
async function storedInFolder(application: Application, folder: string): Promise<Stored> {
  const tables = application.projections.map(({ table }) => table);
  const rowsOf = (db: Database.Database): Rows => Object.fromEntries(tables.map((table) => [table.name, allRows(db, table)]));
  const stood = withDatabase(folder, (db) => ({ events: eventsIn(db), receipts: receiptsIn(db), rows: rowsOf(db) }));
  return { ...stood, rebuilt: await rebuiltFrom(application, stood.events, rowsOf).catch(() => undefined) };
}

async function rebuiltFrom(
  application: Application,
  events: readonly ChainedEvent[],
  rowsOf: (db: Database.Database) => Rows,
): Promise<Rows> {
  const { projections } = application;
  const scratch = openScratchTables(projections.map(({ table }) => table));
  try {
    const codec = codecOf(application);
    const work = projector(projections, sqliteRows()).begin(scratch);
    for (const event of events) {
      await work.project([codec.decode(event)]);
      work.keep();
    }
    await work.flush();
    return rowsOf(scratch);
  } finally {
    scratch.close();
  }
}

type EventRow = Readonly<Record<'event_id' | 'stream' | 'type' | 'data' | 'metadata', string>> &
  Readonly<Record<'position' | 'version' | 'schema_version' | 'recorded_at', number>> & { readonly hash: Buffer | null };

function eventsIn(db: Database.Database): readonly ChainedEvent[] {
  const tags = Map.groupBy(
    db.prepare<[], { position: number; tag: string }>('SELECT position, tag FROM event_tags ORDER BY position, tag').all(),
    ({ position }) => position,
  );
  const rows = db.prepare<[], EventRow>('SELECT * FROM events ORDER BY position').all();
  return rows.map(({ event_id, schema_version, recorded_at, metadata, hash, ...row }) => ({
    ...row,
    eventId: event_id,
    schemaVersion: schema_version,
    metadata: JSON.parse(metadata) as ChainedEvent['metadata'],
    recordedAt: new Date(recorded_at),
    hash: hash?.toString('hex') ?? null,
    tags: (tags.get(row.position) ?? []).map(({ tag }) => tag),
  }));
}

const receiptsIn = (db: Database.Database): readonly Receipt[] =>
  db.prepare<[], Receipt>('SELECT command_id AS commandId, input_hash AS inputHash, outcome, position FROM commands').all();
