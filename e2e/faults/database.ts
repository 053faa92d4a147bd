import pg from 'pg';
import type { Application } from '#application';
import { type ChainedEvent, openPostgresStore, type Receipt } from '#eventstore';
import type { Table } from '#readtable';
import { open } from '#varve';
import type { Place } from './place.ts';
import type { Rows } from './stored.ts';

/** Does one piece of work on a connection of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, types: { getTypeParser: (type: number) => parsers(type) } });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The first value that a statement answers with. */
export const asked = (url: string, text: string): Promise<unknown> =>
  withClient(url, async (client) => (await client.query<unknown[]>({ text, rowMode: 'array' })).rows[0]?.[0]);

/** Whole numbers come as texts, unless one asks for numbers. */
const parsers = (type: number) => (type === 20 ? Number : pg.types.getTypeParser(type, 'text'));

/** Drops a log, with all that is in its schema. */
export const dropLog = (url: string, log: string): Promise<unknown> =>
  withClient(url, (client) => client.query(`DROP SCHEMA IF EXISTS "${log}" CASCADE`));

/** A log in a database, looked at behind the program's back. */
export function databasePlace(application: Application, url: string, log: string): Place {
  const tables = application.projections.map(({ table }) => table);
  return {
    events: () => withClient(url, (client) => eventsIn(client, log)),
    receipts: () => withClient(url, (client) => receiptsIn(client, log)),
    rows: () => withClient(url, (client) => rowsIn(client, log, tables)),
    rebuilt: async () => rebuiltBeside(application, url, log, tables),
    // `varve verify` looks into data folders.
    verified: async () => [],
  };
}

/** Copies the log without its read tables into another one, which is then opened: that has to make them anew. */
async function rebuiltBeside(application: Application, url: string, log: string, tables: readonly Table[]): Promise<Rows> {
  const copy = `${log.slice(0, 40)}_copy`;
  try {
    await (await openPostgresStore(url, { log: copy })).close();
    await withClient(url, async (client) => {
      for (const table of ['events', 'event_tags', 'commands'])
        await client.query(`INSERT INTO "${copy}".${table} SELECT * FROM "${log}".${table}`);
    });
    await (await open(application, url, { log: copy })).close();
    return await withClient(url, (client) => rowsIn(client, copy, tables));
  } finally {
    await dropLog(url, copy);
  }
}

async function rowsIn(client: pg.Client, log: string, tables: readonly Table[]): Promise<Rows> {
  const found: [string, readonly string[]][] = [];
  for (const { name, key } of tables) {
    const text = `SELECT row_to_json(t)::text AS row FROM "${log}"."${name}" AS t ORDER BY "${key}"`;
    const { rows } = await client.query<{ row: string }>(text);
    found.push([name, rows.map(({ row }) => row)]);
  }
  return Object.fromEntries(found);
}

type EventRow = Readonly<Record<'event_id' | 'stream' | 'type' | 'data' | 'metadata', string>> &
  Readonly<Record<'position' | 'version' | 'schema_version' | 'recorded_at', number>> & {
    readonly hash: Buffer;
    readonly tags: readonly string[];
  };

async function eventsIn(client: pg.Client, log: string): Promise<readonly ChainedEvent[]> {
  const tags = `ARRAY(SELECT tag FROM "${log}".event_tags AS t WHERE t.position = e.position ORDER BY tag) AS tags`;
  const { rows } = await client.query<EventRow>(`SELECT e.*, ${tags} FROM "${log}".events AS e ORDER BY position`);
  return rows.map(({ event_id, schema_version, recorded_at, metadata, hash, ...row }) => ({
    ...row,
    eventId: event_id,
    schemaVersion: schema_version,
    metadata: JSON.parse(metadata) as ChainedEvent['metadata'],
    recordedAt: new Date(recorded_at),
    hash: hash.toString('hex'),
  }));
}

async function receiptsIn(client: pg.Client, log: string): Promise<readonly Receipt[]> {
  const text = `SELECT command_id AS "commandId", input_hash AS "inputHash", outcome, position FROM "${log}".commands`;
  return (await client.query<Receipt>(text)).rows;
}
