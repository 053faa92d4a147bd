import type { SqlMoment, SqlMoments, SqlReads, SqlRow } from '#base';
import type { Link } from './link.ts';
import type { LinkPool } from './pool.ts';
import { readsOn, told } from './turn.ts';

/** Reads of a transaction see one moment, which is that of the first of them. Compiling a plan to machine code takes longer than what is read here. */
export const beginMoment = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off';

/** Moments of a database on the connections of a pool. */
export const momentsOn = (pool: LinkPool, schema: string): SqlMoments => ({
  begin: async () => momentOn(await pool.take(), schema, (link) => pool.giveBack(link)),
});

/** Begins a moment on a connection, and does not wait for it: that it failed is told by the reads. */
function momentOn(link: Link, schema: string, giveBack: (link: Link) => void): SqlMoment {
  const begun = link.say(beginMoment);
  begun.catch(() => undefined);
  const reads = readsOn(link, schema);
  let isOver = false;
  return {
    schema,
    read: async <R extends SqlRow>(text: string, values?: readonly unknown[]) => {
      const [rows] = await Promise.all([
        reads.read<R>(text, values),
        begun.catch((fault) => {
          throw told(fault);
        }),
      ]);
      return rows;
    },
    end: () => {
      if (isOver) return;
      isOver = true;
      link.say('COMMIT').catch(() => undefined);
      giveBack(link);
    },
  };
}

/** Reads that are a moment each, on any connection of a pool. */
export const singleReads = (pool: LinkPool, schema: string): SqlReads => ({
  schema,
  read: async <R extends SqlRow>(text: string, values?: readonly unknown[]) => {
    const link = await pool.take();
    try {
      return await readsOn(link, schema).read<R>(text, values);
    } finally {
      pool.giveBack(link);
    }
  },
});
