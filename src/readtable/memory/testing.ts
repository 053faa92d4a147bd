import type { MemoryConnection } from './rows.ts';

/** Runs the work as a transaction of a memory store does; where it throws, undoes it and throws on. */
export async function memoryTransaction<T>(work: (connection: MemoryConnection) => Promise<T>): Promise<T> {
  const undo: (() => void)[] = [];
  const settle: (() => void)[] = [];
  try {
    const done = await work({ onRollback: (step) => undo.push(step), onCommit: (step) => settle.push(step) });
    for (const step of settle) step();
    return done;
  } catch (fault) {
    for (const step of undo.reverse()) step();
    throw fault;
  }
}
