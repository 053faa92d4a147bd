import type { Position } from '#base';
import type { JournaledChange } from './journal.ts';
import type { AnyRow } from './table.ts';

/** A change as the journal keeps it. */
export interface Undo {
  readonly position: Position;
  readonly key: string;
  /** The row before; undefined where it did not exist. */
  readonly before: AnyRow | undefined;
}

/**
 * Says of each change of a page what it made of its row: what stood before the row's next change.
 *
 * @param page in order
 * @param later for each key of the page, its row after the last change in it
 */
export function withAfter(page: readonly Undo[], later: ReadonlyMap<string, AnyRow | undefined>): readonly JournaledChange[] {
  const next = new Map(later);
  const changes: JournaledChange[] = [];
  for (const { position, key, before } of page.toReversed()) {
    changes.push({ position, key, before, after: next.get(key) });
    next.set(key, before);
  }
  return changes.reverse();
}
