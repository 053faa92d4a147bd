import type { Awaitable, Position } from '#base';
import type { Reached } from './journal.ts';
import type { AnyRow } from './table.ts';

/** A table's name, and how its rows are read. */
export interface TableRows<Rows = Awaitable<readonly (AnyRow | undefined)[]>> {
  readonly name: string;
  decode(values: readonly unknown[]): AnyRow;
  /** The rows that stand, in the order of the keys. */
  rows(keys: readonly string[]): Rows;
}

/** How far back a table's changes can be read: where its rows were made, and after which position the journal has all of them; undefined: nobody noted it. */
type Made = readonly [builtAt: Position, journaledAfter: Position | null] | undefined;

/** Whether a table's journal reaches back to a place. */
export function reaches(made: Made, { position, key }: Reached): boolean {
  const [builtAt, journaledAfter] = made ?? [0, null];
  // Nobody can tell whether who stands just there saw the rows before the rebuild or after it. On an empty log there were none before.
  if (journaledAfter === null || (builtAt > 0 && position <= builtAt)) return false;
  // Whoever stands within a position still needs the rest of it.
  return (key === undefined ? position : position - 1) >= journaledAfter;
}
