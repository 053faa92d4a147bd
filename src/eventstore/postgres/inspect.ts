import { limits, type Position, type SqlMoment, type SqlReads, type SqlRow, textOf, VarveError } from '#base';
import type { LogFinding } from '../finding.ts';
import { inspected, type StoredRow } from '../inspected.ts';
import type { LogInspection } from '../inspection.ts';
import type { Head } from '../port.ts';
import type { InspectedEvent } from '../walk.ts';
import { sqlState, storeFault } from './faults.ts';
import { openPostgresLook } from './look.ts';
import type { PostgresReader } from './reader.ts';
import { headText } from './reads.ts';
import { type ChainedRow, eventColumns, type HeadRow, headOf } from './rows.ts';
import { strays } from './strays.ts';

/** A log as it stands on PostgreSQL. */
export interface PostgresInspection extends LogInspection {
  /** What all is read by: a moment each and, once it is held, that one. */
  readonly sql: SqlReads;
}

/** Opens a log to look at it, on a standby too. Throws what {@link openPostgresLook} throws. */
export async function openPostgresInspection(url: string, log: string): Promise<PostgresInspection> {
  return new Inspection(await openPostgresLook(url, log));
}

class Inspection implements PostgresInspection {
  readonly sql: SqlReads;
  readonly #look: PostgresReader;
  #moment: SqlMoment | undefined;

  constructor(look: PostgresReader) {
    const { schema } = look.sql;
    this.#look = look;
    this.sql = { schema, read: (text, values) => this.#read(text, values) };
  }

  /** Pages of files are checked by PostgreSQL where it was made with checksums, and as they are read. */
  async integrity(): Promise<readonly LogFinding[]> {
    const rows = await this.sql.read(`SELECT is_lock FROM ${this.sql.schema}.write_lock`);
    const message = 'The row of write_lock, which every writer locks, is not there: nobody can write.';
    return rows.length === 1 ? [] : [{ code: 'FILE_DAMAGED', message }];
  }

  /** Nobody swaps read tables while it is held: they are what they were. */
  async hold(): Promise<void> {
    if (this.#moment) return;
    this.#moment = await this.#look.moments.begin();
    await this.sql.read(`LOCK TABLE ${this.sql.schema}.read_tables IN ACCESS SHARE MODE`);
  }

  async head(): Promise<Head> {
    return headOf((await this.sql.read<HeadRow>(headText(this.sql.schema)))[0]);
  }

  async hashAt(position: Position): Promise<string | null | undefined> {
    const text = `SELECT encode(hash, 'hex') FROM ${this.sql.schema}.events WHERE position = $1`;
    return (await this.sql.read<readonly [string | null]>(text, [position]))[0]?.[0];
  }

  async *pages(after: Position, last: Position): AsyncGenerator<readonly InspectedEvent[]> {
    const { schema } = this.sql;
    const tags = `ARRAY(SELECT tag FROM ${schema}.event_tags AS t WHERE t.position = e.position)`;
    const text = `SELECT ${eventColumns}, hash, ${tags} FROM ${schema}.events AS e WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3`;
    for (let at = after; ; ) {
      const rows = await this.sql.read<ChainedRow>(text, [at, last, limits.readEventsMax]);
      const end = rows.at(-1);
      if (!end) return;
      yield await this.#withReceipts(rows.map(storedRow));
      at = end[0];
    }
  }

  async receiptOf(commandId: string): Promise<Position | undefined> {
    return (await this.#positionsOf([commandId])).get(commandId);
  }

  strays(): AsyncIterable<LogFinding> {
    return strays(this.sql);
  }

  async close(): Promise<void> {
    this.#moment?.end();
    await this.#look.close();
  }

  /** Receipts are looked up by the commands that the events name: they have no order by position. */
  async #withReceipts(rows: readonly StoredRow[]): Promise<readonly InspectedEvent[]> {
    const bare = rows.map((row) => inspected(row, []));
    const ids = [...new Set(bare.map(({ event }) => event.metadata.commandId))].filter((id) => !id.includes('\0'));
    const positions = await this.#positionsOf(ids);
    return bare.map((one) => {
      const { position, metadata } = one.event;
      return positions.get(metadata.commandId) === position ? { ...one, receipts: [metadata.commandId] } : one;
    });
  }

  async #positionsOf(ids: readonly string[]): Promise<ReadonlyMap<string, Position>> {
    const text = `SELECT command_id, position FROM ${this.sql.schema}.commands WHERE command_id = ANY($1::text[])`;
    return new Map(await this.sql.read<readonly [string, Position]>(text, [ids]));
  }

  async #read<R extends SqlRow>(text: string, values?: readonly unknown[]): Promise<readonly R[]> {
    try {
      return await (this.#moment ?? this.#look.sql).read<R>(text, values);
    } catch (fault) {
      throw isDamage(fault) ? corrupt(fault) : storeFault(fault);
    }
  }
}

/** A table or a column is gone, or what PostgreSQL finds on its disk is not what it wrote; or that was so before, in the moment that is held. */
const isDamage = (fault: unknown) => /^(42P01|42703|XX00[0-2]|25P02)$/.test(sqlState(fault) ?? '');

const corrupt = (cause: unknown) =>
  new VarveError({
    code: 'STORAGE_CORRUPT',
    message: `The log in the database is damaged: ${textOf(cause)}.`,
    hint: 'Keep a dump of it and restore a backup. It was not touched.',
    cause,
  });

const storedRow = (row: ChainedRow): StoredRow => {
  const [position, eventId, stream, version, type, schemaVersion, data, metadata, recordedAt, hash, tags] = row;
  const texts = { data, metadata, tags: [...tags].sort(), hash: hash.toString('hex') };
  return { position, eventId, stream, version, type, schemaVersion, recordedAt, ...texts };
};
