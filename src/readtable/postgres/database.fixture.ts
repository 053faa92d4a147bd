import { globSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, describe } from 'vitest';
import { assert, type Position, type SqlMoment, type SqlMoments, type SqlReads, type SqlRow, type SqlTransaction } from '#base';
import { tableHash } from '../hash.ts';
import { quote } from '../names.ts';
import type { Table } from '../table.ts';
import { postgresCatalog } from './catalog.ts';

const url = process.env['VARVE_TEST_POSTGRES'];
const missing = process.env['VARVE_TEST_POSTGRES_MISSING'];

const isThere = url !== undefined && missing === undefined;
/** Tests that need one; where it is not there, they are skipped, and say why. */
export function withPostgres(name: string, tests: () => void): void {
  const because = missing ?? 'VARVE_TEST_POSTGRES is not set';
  describe.skipIf(!isThere)(isThere ? name : `${name} (skipped: ${because})`, () => {
    tests();
    afterAll(dropSpare);
  });
}

/** The log's tables, as its migrations make them. */
const logTables = (schema: string): string =>
  [
    `CREATE SCHEMA ${schema}; SET LOCAL search_path TO ${schema}`,
    ...globSync('drizzle/postgres/*.sql')
      .toSorted()
      .map((path) => readFileSync(path, 'utf8')),
  ].join(';');

/** A schema of its own with the log's tables. */
export interface TestDatabase extends SqlMoments {
  readonly schema: string;
  /** Texts that were read and written, and with which values. */
  readonly asked: (readonly [text: string, values: readonly unknown[]])[];
  /** How often the database was waited for: what is asked for together counts once. */
  trips(): number;
  transaction<T>(work: (transaction: SqlTransaction) => Promise<T>): Promise<T>;
  /** Moves the log's position on. */
  advance(count?: number): Promise<void>;
  /** Rows of a statement of its own. */
  rows<R extends SqlRow>(text: string, values?: readonly unknown[]): Promise<readonly R[]>;
  /** Moments that have begun and not ended. */
  out(): number;
  remove(): Promise<void>;
}

/** Databases that are not in use, by the tables that stand in them: to make one takes longer than most tests. */
const spare: Database[] = [];
let made = 0;

/** Gives such a schema, and the read tables in it, empty. */
export async function testDatabase(...tables: readonly Table[]): Promise<TestDatabase> {
  const at = spare.findIndex((one) => one.tables.length === tables.length && one.tables.every((table, i) => table === tables[i]));
  const database = at < 0 ? await makeDatabase(tables) : spare.splice(at, 1)[0];
  assert(database, 'There is no database.');
  database.asked.length = 0;
  return database;
}

async function dropSpare(): Promise<void> {
  for (const database of spare.splice(0)) await database.drop();
  for (const client of clients.splice(0)) await client.end();
}

async function makeDatabase(tables: readonly Table[]): Promise<Database> {
  made += 1;
  const database = new Database(await connected(), quote(`readtable ${process.pid} ${made}`), tables);
  await database.transaction(async (transaction) => {
    await transaction.define(logTables(database.schema));
    for (const table of tables) await stand(transaction, table);
  });
  database.isAsMade = true;
  return database;
}

class Database implements TestDatabase {
  readonly schema: string;
  readonly tables: readonly Table[];
  readonly asked: (readonly [text: string, values: readonly unknown[]])[] = [];
  /** No tables were defined since. */
  isAsMade = false;
  readonly #writer: pg.Client;
  readonly #idle: pg.Client[] = [];
  readonly #readers: pg.Client[] = [];
  readonly #waits = { waiting: 0, trips: 0 };
  #out = 0;

  constructor(writer: pg.Client, schema: string, tables: readonly Table[]) {
    this.#writer = writer;
    this.schema = schema;
    this.tables = tables;
  }

  trips = () => this.#waits.trips;
  out = () => this.#out;
  begin = async (): Promise<SqlMoment> => {
    const client = this.#idle.pop() ?? (await this.#opened());
    void client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    this.#out += 1;
    const end = () => {
      this.#out -= 1;
      void client.query('COMMIT').catch(() => undefined);
      this.#idle.push(client);
    };
    return { ...this.#on(client), end };
  };
  transaction = <T>(work: (transaction: SqlTransaction) => Promise<T>) =>
    transactionOn(this.#writer, this.#on(this.#writer), work, () => {
      this.isAsMade = false;
    });
  advance = (by = 1) =>
    this.transaction(async (transaction) => {
      const [head] = await transaction.read<readonly [Position]>(`SELECT position FROM ${this.schema}.head`);
      moveTo(transaction, (head?.[0] ?? 0) + by);
    });
  rows = <R extends SqlRow>(text: string, values?: readonly unknown[]) => this.#on(this.#writer).read<R>(text, values);
  remove = async (): Promise<void> => {
    if (!this.isAsMade || this.#idle.length < this.#readers.length) return this.drop();
    const names = this.tables.map(({ name }) => `${this.schema}.${quote(name)}`);
    for (const name of [...names, `${this.schema}.changes`, `${this.schema}.events`]) await this.#writer.query(`DELETE FROM ${name}`);
    await this.#writer.query(`UPDATE ${this.schema}.read_tables SET position = 0, journaled_after = 0`);
    spare.push(this);
  };

  async drop(): Promise<void> {
    await this.#writer.query(`DROP SCHEMA ${this.schema} CASCADE`);
    clients.push(this.#writer, ...this.#idle);
    for (const client of this.#readers) if (!this.#idle.includes(client)) await client.end();
  }

  async #opened(): Promise<pg.Client> {
    const client = await connected();
    this.#readers.push(client);
    return client;
  }

  #on(client: pg.Client): SqlReads {
    return readsOn(client, this.schema, { asked: this.asked, waits: this.#waits });
  }
}

/** Moves the log to a position, by an event there. */
export function moveTo(transaction: SqlTransaction, position: Position): void {
  transaction.write(
    `INSERT INTO ${transaction.schema}.events (position, event_id, stream, version, type, schema_version, data, metadata, recorded_at, hash)
     VALUES ($1::bigint, $1::bigint::text, $1::bigint::text, 1, 'Moved', 1, '{}', '{}', 0, '') ON CONFLICT DO NOTHING`,
    [position],
  );
}

/** Creates a read table as a rebuild of an empty log does. */
export async function stand(transaction: SqlTransaction, table: Table, position: Position = 0): Promise<void> {
  await postgresCatalog.prepareNext(transaction, table);
  await postgresCatalog.swapNext(transaction, table, tableHash(table, ''), position);
}

/** Connections that are not in use. */
const clients: pg.Client[] = [];

async function connected(): Promise<pg.Client> {
  const known = clients.pop();
  if (known) return known;
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  // What a sync is worth is no matter here.
  const client = new pg.Client({ connectionString: url, pipeline: true, types, options: '-c synchronous_commit=off' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

interface Seen {
  readonly asked: TestDatabase['asked'];
  readonly waits: { waiting: number; trips: number };
}

function readsOn(client: pg.Client, schema: string, { asked, waits }: Seen): SqlReads {
  return {
    schema,
    read: async <R extends SqlRow>(text: string, values: readonly unknown[] = []) => {
      asked.push([text, values]);
      if (waits.waiting === 0) waits.trips += 1;
      waits.waiting += 1;
      try {
        const name = nameOf(client, text);
        const { rows } = await client.query<R & unknown[]>({ name, text, values: [...values], rowMode: 'array' });
        return rows;
      } finally {
        waits.waiting -= 1;
      }
    },
  };
}

const prepared = new WeakMap<pg.Client, Map<string, string>>();

function nameOf(client: pg.Client, text: string): string {
  const names = prepared.get(client) ?? new Map<string, string>();
  prepared.set(client, names);
  const name = names.get(text) ?? `s${names.size}`;
  names.set(text, name);
  return name;
}

async function transactionOn<T>(
  client: pg.Client,
  reads: SqlReads,
  work: (transaction: SqlTransaction) => Promise<T>,
  onDefine: () => void,
): Promise<T> {
  const writes: Promise<unknown>[] = [];
  const transaction: SqlTransaction = {
    ...reads,
    write: (text, values) => {
      const written = reads.read(text, values);
      written.catch(() => undefined);
      writes.push(written);
    },
    define: async (text) => {
      onDefine();
      await client.query(text);
    },
  };
  void client.query('BEGIN');
  try {
    const done = await work(transaction);
    await Promise.all(writes);
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new Error('The transaction was rolled back.');
    return done;
  } catch (fault) {
    await client.query('ROLLBACK');
    throw fault;
  }
}
