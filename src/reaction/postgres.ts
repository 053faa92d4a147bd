import { hostname } from 'node:os';
import { limits, newUuid, type Position, type SqlReads, type SqlTransaction } from '#base';
import { durably } from '#eventstore';
import { leaseForgotten, leaseLost } from './faults.ts';
import type { Lease, ReactionNotes, ReactionState, StoredReactions } from './port.ts';

/** What a log in a database holds of reactions. */
export const postgresReactions: StoredReactions<SqlReads, SqlTransaction> = {
  positions: async (sql) =>
    new Map(await sql.read<readonly [string, Position]>(`SELECT name, position FROM ${sql.schema}.reactions ORDER BY name`)),
  put: (sql, positions) => {
    const places = [[...positions.keys()], [...positions.values()]];
    sql.write(`DELETE FROM ${sql.schema}.reactions`);
    sql.write(`INSERT INTO ${sql.schema}.reactions (name, position) SELECT * FROM unnest($1::text[], $2::bigint[])`, places);
  },
};

/**
 * Has a reaction pass over the event that it stands before, whoever runs it. Answers that event's position; undefined where it is through with all, or is not
 * known.
 *
 * @param sql statements that are a transaction each
 */
export async function passOver(sql: SqlReads, name: string): Promise<Position | undefined> {
  const { schema } = sql;
  const [row] = await sql.read<readonly [Position]>(
    `UPDATE ${schema}.reactions SET position = position + 1 WHERE name = $1 AND position < (SELECT position FROM ${schema}.head)
     RETURNING position, ${durably}`,
    [name],
  );
  return row?.[0];
}

/** When a lease is over that is given or kept now, by the database's clock. */
const leaseEnd = `clock_timestamp() + interval '${limits.reactionLeaseMs} milliseconds'`;

/**
 * Notes and leases in the log's own database: a row each, and a transaction for each statement, so that nobody waits for the log, and nothing is kept by a
 * connection. That a lease is over is told by the database's clock alone.
 *
 * @param sql statements that are a transaction each, on a server that takes writes
 * @param now milliseconds that only go on, by which it is told when a lease is to be kept for longer
 */
export const postgresNotes = (sql: SqlReads, now = () => performance.now()): ReactionNotes => ({
  begin: async (name, first) => {
    const insert = `INSERT INTO ${sql.schema}.reactions (name, position) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING ${durably}`;
    await sql.read(insert, [name, first]);
  },
  take: async (name) => {
    const id = `${hostname()}:${process.pid} ${newUuid()}`;
    const takenMs = now();
    // One that lasts longer than any is given for was given by another clock, that of a primary before this one.
    const [taken] = await sql.read<readonly [Position, boolean]>(
      `UPDATE ${sql.schema}.reactions SET lease = $2, leased_until = ${leaseEnd} WHERE name = $1
         AND (lease IS NULL OR leased_until NOT BETWEEN clock_timestamp() AND ${leaseEnd}) RETURNING position, failing, ${durably}`,
      [name, id],
    );
    if (!taken) return stateOf(sql, name);
    const [position, failing] = taken;
    return new RowLease({ sql, now, name, id }, { position, failing, keptMs: takenMs });
  },
});

async function stateOf(sql: SqlReads, name: string): Promise<ReactionState> {
  const select = `SELECT position, failing FROM ${sql.schema}.reactions WHERE name = $1`;
  const [row] = await sql.read<readonly [Position, boolean]>(select, [name]);
  if (!row) throw leaseForgotten(name);
  const [position, failing] = row;
  return { name, position, failing };
}

interface LeaseParts {
  readonly sql: SqlReads;
  readonly now: () => number;
  readonly name: string;
  /** The lease's own: no other one has it, or had it. */
  readonly id: string;
}

/** What was written of a reaction last. */
interface Written {
  readonly position: Position;
  readonly failing: boolean;
  /** Just before that. */
  readonly keptMs: number;
}

/** The fence: nothing is written, or found, by a lease that is another one by now. */
const fenced = 'WHERE name = $1 AND lease = $2';

class RowLease implements Lease {
  readonly position: Position;
  readonly #parts: LeaseParts;
  #written: Written;

  constructor(parts: LeaseParts, taken: Written) {
    this.position = taken.position;
    this.#parts = parts;
    this.#written = taken;
  }

  /** Where there is nothing to be written, it is only looked whether it is still this one's. */
  async keep(position: Position, failing: boolean): Promise<Position> {
    const { sql, now, name } = this.#parts;
    const [keptMs, last] = [now(), this.#written];
    const isDue = position > last.position || failing !== last.failing || keptMs >= last.keptMs + limits.reactionLeaseMs / 3;
    const update = `UPDATE ${sql.schema}.reactions SET position = greatest(position, $3), failing = $4, leased_until = ${leaseEnd}`;
    const noted = isDue
      ? await this.#ask(`${update} ${fenced} RETURNING position, ${durably}`, position, failing)
      : await this.#ask(`SELECT position FROM ${sql.schema}.reactions ${fenced}`);
    if (noted === undefined) throw leaseLost(name);
    if (isDue) this.#written = { position: noted, failing, keptMs };
    return noted;
  }

  async release(): Promise<void> {
    await this.#ask(`UPDATE ${this.#parts.sql.schema}.reactions SET lease = NULL ${fenced}`);
  }

  async #ask(text: string, ...values: readonly unknown[]): Promise<Position | undefined> {
    const { sql, name, id } = this.#parts;
    const [row] = await sql.read<readonly [Position]>(text, [name, id, ...values]);
    return row?.[0];
  }
}
