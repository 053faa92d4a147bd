import type Database from 'better-sqlite3';
import type { Application } from '#application';
import { codecOf } from '#command';
import type { ChainedEvent, Receipt } from '#eventstore';
import { projector } from '#projector';
import { openScratchTables, sqliteRows } from '#readtable';
import { verify } from '#varve';
import { allRows, withDatabase } from '../data-folder.ts';
import type { CheckedDomain, Finding } from './finding.ts';
import type { History } from './history.ts';
import { type Checked, checkPlace, type Place } from './place.ts';
import type { Rows } from './stored.ts';

/** Holds a data folder that no server has open against a history, and against `varve verify`. */
export const checkFolder = (application: Application, folder: string, history: History, domain: CheckedDomain): Promise<Checked> =>
  checkPlace(folderPlace(application, folder), history, domain);

function folderPlace(application: Application, folder: string): Place {
  const tables = application.projections.map(({ table }) => table);
  const rowsOf = (db: Database.Database): Rows => Object.fromEntries(tables.map((table) => [table.name, allRows(db, table)]));
  return {
    events: async () => withDatabase(folder, eventsIn),
    receipts: async () => withDatabase(folder, receiptsIn),
    rows: async () => withDatabase(folder, rowsOf),
    rebuilt: (events) => rebuiltFrom(application, events, rowsOf),
    verified: async () => {
      // Whoever runs tests changes the text of projections: tables look stale then, and are compared all the same.
      const { findings } = await verify(application, folder, { staleToo: true });
      return findings
        .filter(({ level }) => level === 'error')
        .map(({ code, message }): Finding => ({ code: 'UNVERIFIED', message: `${code}: ${message}` }));
    },
  };
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
