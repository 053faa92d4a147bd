import { assert } from '#base';
import { type Place, placeOf } from '../cursor.ts';
import type { Page, PageRequest } from '../read.ts';
import { type AnyRow, columnOf, type Table } from '../table.ts';
import { simplified } from './conditions.ts';

/** A page that is asked for, held to its table, its cursors read. */
export interface PlannedPage {
  readonly request: PageRequest;
  readonly after: Place | undefined;
  readonly before: Place | undefined;
}

/** Reads a request. Throws `BAD_CURSOR`. */
export function plannedPage(table: Table, asked: PageRequest): PlannedPage {
  assert(
    !columnOf(table, asked.orderBy).nullable,
    `${table.name} cannot be ordered by ${asked.orderBy}, which may be null.`,
    'Order by a column that is never null.',
  );
  return {
    // One row more than asked for tells whether there are more on the far side.
    request: { ...asked, conditions: simplified(asked.conditions), count: asked.count + 1 },
    after: asked.after === undefined ? undefined : placeOf(table, asked, asked.after),
    before: asked.before === undefined ? undefined : placeOf(table, asked, asked.before),
  };
}

/** The page of the rows that were found, and of whether there are any at the places or beyond them: asked only where it matters. */
export function pageOf(
  { request: { count, fromEnd } }: PlannedPage,
  found: readonly AnyRow[],
  isAny: { readonly after: () => boolean; readonly before: () => boolean },
): Page {
  const more = found.length === count;
  const rows = found.slice(0, count - 1);
  return {
    rows: fromEnd ? rows.reverse() : rows,
    hasNextPage: (more && !fromEnd) || isAny.after(),
    hasPreviousPage: (more && fromEnd) || isAny.before(),
  };
}
