import { assert, domainCode, limits, VarveError } from '#base';
import type { Recorded } from '#event';
import { type AnyRow, assertRow, type Equals, keyOf, type Table } from '#readtable';
import type { RowChange } from './projection.ts';

/** At once or by a promise. */
export type Awaitable<T> = T | Promise<T>;

/** The rows that changes are applied to. What is at hand is answered at once: then nothing is waited for. */
export interface StandingRows {
  /** The row, if there is one. */
  read(table: Table, key: string): Awaitable<AnyRow | undefined>;
  /** The row that a put replaces; undefined also where nobody will ask what stood there. */
  replaced(table: Table, key: string): Awaitable<AnyRow | undefined>;
  /** The rows with these values, in the order of their keys. */
  where(table: Table, equals: Equals): Awaitable<readonly AnyRow[]>;
  /** From now on the row stands so; undefined: it is gone. */
  stage(table: Table, key: string, before: AnyRow | undefined, after: AnyRow | undefined, cause: Recorded): void;
}

/** Does what one answer of a projection asks for. Throws where the projection has a bug. */
export function apply(rows: StandingRows, table: Table, change: RowChange, cause: Recorded): Awaitable<void> {
  if (change.kind === 'updateWhere' || change.kind === 'removeWhere') return applyWhere(rows, table, change, cause);
  const before = change.kind === 'put' ? rows.replaced(table, change.key) : rows.read(table, change.key);
  if (before instanceof Promise) return before.then((before) => applyOne(rows, table, change, before, cause));
  return applyOne(rows, table, change, before, cause);
}

type OfOne = Extract<RowChange, { readonly key: string }>;
type OfMany = Exclude<RowChange, OfOne>;

function applyOne(rows: StandingRows, table: Table, change: OfOne, before: AnyRow | undefined, cause: Recorded): void {
  stage(rows, table, change.key, before, afterOf(table, change, before, cause), cause);
}

function afterOf(table: Table, change: OfOne, before: AnyRow | undefined, cause: Recorded): AnyRow | undefined {
  if (change.kind === 'put') return change.row;
  const from = before ?? (change.kind === 'update' ? change.orElse : undefined) ?? missing(table, change.key, cause);
  return change.kind === 'update' ? domainCode(() => change.change(from)) : undefined;
}

async function applyWhere(rows: StandingRows, table: Table, change: OfMany, cause: Recorded): Promise<void> {
  for (const before of await rows.where(table, change.equals)) {
    const after = change.kind === 'updateWhere' ? domainCode(() => change.change(before)) : undefined;
    stage(rows, table, keyOf(table, before), before, after, cause);
  }
}

function stage(
  rows: StandingRows,
  table: Table,
  key: string,
  before: AnyRow | undefined,
  after: AnyRow | undefined,
  cause: Recorded,
): void {
  if (before === after) return;
  if (after) {
    assertRow(table.name, table.columns, after, before);
    if (after[table.key] !== key) otherKey(table, key, after, cause);
    // Rows are shared by cache, changes and readers: a projection that alters one in place is stopped here. What its lists and dates hold is
    // not guarded so: freezing thousands of entries on each write would cost more than it finds.
    Object.freeze(after);
  }
  rows.stage(table, key, before, after, cause);
}

/** Holds what one command, or in a rebuild one event, changes to its limit. No bug: as many orders may stand under one user's name, who wants another. */
export function assertFewRows(count: number): void {
  if (count <= limits.rowsPerCommandMax) return;
  throw new VarveError({
    code: 'COMMAND_TOO_LARGE',
    message: `The command would change more than ${limits.rowsPerCommandMax} rows at once.`,
    hint: 'Nothing of it was stored. Split the command; where that cannot be, the operator keeps less in each row of the read tables.',
  });
}

function otherKey(table: Table, key: string, after: AnyRow, { type }: Recorded): never {
  assert(false, `On ${type}, the projection of ${table.name} gives the row ${key} the key ${keyOf(table, after)}.`);
}

function missing(table: Table, key: string, { type, position }: Recorded): never {
  assert(
    false,
    `On ${type} at position ${position}, the projection of ${table.name} changes the row ${key}, which does not exist.`,
    'Put the row on an earlier event, or use upsert.',
  );
}
