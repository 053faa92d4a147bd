import { limits, type Position, type SqlTransaction } from '#base';
import type { Receipt, StoredEvent } from '../port.ts';
import { eventColumns } from './rows.ts';

/** A table's rows that are put by, a list a column. */
class Columns {
  readonly #lists: unknown[][];

  constructor(count: number) {
    this.#lists = Array.from({ length: count }, () => []);
  }

  get isEmpty(): boolean {
    return this.#lists[0]?.length === 0;
  }

  add(...values: readonly unknown[]): void {
    for (const [i, list] of this.#lists.entries()) list.push(values[i]);
  }

  take(): readonly unknown[][] {
    return this.#lists.map((list) => list.splice(0));
  }
}

/** One statement for all three tables: each statement costs the driver and the server something of its own, whatever it inserts. */
const insertText = (schema: string) => `
  WITH appended AS (
    INSERT INTO ${schema}.events (${eventColumns}, hash)
    SELECT position, event_id, stream, version, type, schema_version, data, metadata, recorded_at, decode(hash, 'hex')
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::int[], $7::text[], $8::text[], $9::bigint[], $10::text[])
      AS e(${eventColumns}, hash)
  ), tagged AS (
    INSERT INTO ${schema}.event_tags (tag, position) SELECT * FROM unnest($11::text[], $12::bigint[])
  )
  INSERT INTO ${schema}.commands (command_id, input_hash, outcome, position) SELECT * FROM unnest($13::text[], $14::text[], $15::text[], $16::bigint[])`;

/** What a transaction inserts into the log, put by and sent as one statement. */
export class Inserts {
  readonly #sql: SqlTransaction;
  readonly #text: string;
  readonly #events = new Columns(10);
  readonly #tags = new Columns(2);
  readonly #receipts = new Columns(4);
  #length = 0;

  constructor(sql: SqlTransaction) {
    this.#sql = sql;
    this.#text = insertText(sql.schema);
  }

  event(event: StoredEvent, tags: readonly string[], hash: string): void {
    const { position, eventId, stream, version, type, schemaVersion, data, recordedAt } = event;
    const metadata = JSON.stringify(event.metadata);
    this.#events.add(position, eventId, stream, version, type, schemaVersion, data, metadata, recordedAt.getTime(), hash);
    for (const tag of tags) this.#tag(tag, position);
    this.#grow(data.length + metadata.length);
  }

  receipt({ commandId, inputHash, outcome, position }: Receipt): void {
    this.#receipts.add(commandId, inputHash, outcome, position);
    this.#grow(outcome.length);
  }

  /** Sends what was put by; does not wait. */
  send(): void {
    const tables = [this.#events, this.#tags, this.#receipts];
    if (tables.every((rows) => rows.isEmpty)) return;
    this.#length = 0;
    this.#sql.write(
      this.#text,
      tables.flatMap((rows) => rows.take()),
    );
  }

  #tag(tag: string, position: Position): void {
    this.#tags.add(tag, position);
    this.#grow(tag.length);
  }

  #grow(length: number): void {
    this.#length += length;
    if (this.#length > limits.storeStatementLengthMax) this.send();
  }
}
