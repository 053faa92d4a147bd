import type { SqlReads } from '#base';
import { unavailable } from './faults.ts';
import type { Link } from './link.ts';
import { beginHeld } from './silence.ts';

/** The right to rebuild a log's read tables: one process has it. */
export interface RebuildLock {
  /**
   * Throws `STORE_UNAVAILABLE` where its connection broke, though nobody here has heard of it: another process may have it now. In a transaction under the log's
   * lock, in which nobody else can do anything with it.
   */
  check(reads: SqlReads): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes it, by a transaction on a connection of its own that stays open and has seen nothing: so it holds back nobody's cleaning up, and ends with this process,
 * however it ends. undefined where another process has it.
 */
export async function tryLockRebuild(schema: string, connect: () => Promise<Link>): Promise<RebuildLock | undefined> {
  const link = await connect();
  try {
    await link.say(beginHeld);
    const { rows } = await link.say(`SELECT pg_try_advisory_xact_lock(hashtextextended('varve rebuild ${schema}', 0)), pg_backend_pid()`);
    const [isHeld, pid] = rows[0] ?? [];
    if (isHeld !== true) {
      await link.close();
      return undefined;
    }
    return {
      check: async (reads) => {
        const held = await reads.read(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = $1`, [pid]);
        if (held.length === 0) throw unavailable('the connection that held the right to rebuild was lost', link.brokenBy, 'Begin again.');
      },
      release: () => link.close(),
    };
  } catch (fault) {
    await link.close();
    throw fault;
  }
}
