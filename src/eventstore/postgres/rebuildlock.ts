import type { Link } from './link.ts';
import { beginHeld } from './silence.ts';

/** The right to rebuild a log's read tables: one process has it. */
export interface RebuildLock {
  /** False where its connection broke: another process may have it now. */
  readonly isHeld: boolean;
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
    const { rows } = await link.say(`SELECT pg_try_advisory_xact_lock(hashtextextended('varve rebuild ${schema}', 0))`);
    if (rows[0]?.[0] !== true) {
      await link.close();
      return undefined;
    }
    return {
      get isHeld() {
        return link.isOpen;
      },
      release: () => link.close(),
    };
  } catch (fault) {
    await link.close();
    throw fault;
  }
}
