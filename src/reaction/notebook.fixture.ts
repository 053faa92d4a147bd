import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Awaitable, limits, type Position, type SqlReads, type Timers } from '#base';
import { openInThread, openSqliteStore } from '#eventstore';
import { leaseLost } from './faults.ts';
import type { ReactionNotes } from './port.ts';
import { postgresNotes, postgresReactions } from './postgres.ts';
import { sqliteNotes, sqliteReactions } from './sqlite.ts';

/** Time, as whoever keeps notes is given it. */
export interface Time extends Timers {
  readonly now: number;
}

/** Where processes note how far their reactions have come, and who runs them; it outlives them. */
export interface Notebook {
  /** What one process notes by. */
  open(time: Time): ReactionNotes;
  positions(): Awaitable<ReadonlyMap<string, Position>>;
  /** Time passes there. */
  pass(ms: number): Awaitable<void>;
  /** True while something is under way that comes back by itself, though not at once. Left out: nothing is. */
  isBusy?(): boolean;
}

/** One in memory. */
export class MemoryNotebook implements Notebook {
  readonly noted = new Map<string, Position>();
  readonly #leases = new Map<string, { readonly id: object; readonly until: number }>();
  #now = 0;

  positions(): ReadonlyMap<string, Position> {
    return this.noted;
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  open(): ReactionNotes {
    const at = (name: string) => this.noted.get(name) ?? 0;
    const lease = (name: string, id: object) => this.#leases.set(name, { id, until: this.#now + limits.reactionLeaseMs });
    const isOf = (name: string, id: object) => this.#leases.get(name)?.id === id;
    return {
      begin: (name, first) => {
        if (!this.noted.has(name)) this.noted.set(name, first);
      },
      take: (name) => {
        if ((this.#leases.get(name)?.until ?? 0) > this.#now) return { name, position: at(name), failing: false };
        const id = {};
        lease(name, id);
        return {
          position: at(name),
          keep: (position) => {
            if (!isOf(name, id)) throw leaseLost(name);
            lease(name, id);
            this.noted.set(name, Math.max(at(name), position));
            return at(name);
          },
          release: () => {
            if (isOf(name, id)) this.#leases.delete(name);
          },
        };
      },
    };
  }
}

/** That of a log in a file, gone when the test is over. */
export function sqliteNotebook(): Notebook {
  const folder = mkdtempSync(join(tmpdir(), 'varve-notes-'));
  const file = join(folder, 'varve.db');
  const [log, beside] = [openSqliteStore(file), openInThread(file)];
  onTestFinished(async () => {
    await beside.close();
    await log.close();
    rmSync(folder, { recursive: true });
  });
  return {
    open: (time) => sqliteNotes(beside, time),
    positions: () => log.transaction(({ connection }) => sqliteReactions.positions(connection)),
    pass: () => undefined,
  };
}

/** Without the fence: whoever once had a lease goes on noting, whoever has it by now. */
const unfenced = (text: string): string => text.replace(' AND lease = $2', ' AND $2::text IS NOT NULL');

/**
 * That of a log in a database, which knows no reaction yet. Its clock goes on in leaps: what is leased until then is so for that much less.
 *
 * @param log statements that are a transaction each
 */
export async function postgresNotebook(log: SqlReads, { isFenced = true } = {}): Promise<Notebook> {
  await log.read(`DELETE FROM ${log.schema}.reactions`);
  let out = 0;
  const sql: SqlReads = {
    schema: log.schema,
    read: async (text, values) => {
      out += 1;
      try {
        return await log.read(isFenced ? text : unfenced(text), values);
      } finally {
        out -= 1;
      }
    },
  };
  return {
    open: (time) => postgresNotes(sql, () => time.now),
    positions: () => postgresReactions.positions(sql),
    pass: async (ms) => {
      await sql.read(`UPDATE ${sql.schema}.reactions SET leased_until = leased_until - $1 * interval '1 millisecond'`, [ms]);
    },
    isBusy: () => out > 0,
  };
}
