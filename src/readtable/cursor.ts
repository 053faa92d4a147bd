import { assert, VarveError } from '#base';
import { encode, type Stored } from './encoding.ts';
import type { Selection } from './read.ts';
import { type AnyRow, columnOf, keyOf, type Table } from './table.ts';

type Order = Pick<Selection, 'orderBy'>;

/** A place in an order: after or before it a page begins. No row needs to stand there. */
export interface Place {
  /** The order's column, in stored form. */
  readonly value: Stored;
  readonly key: string;
}

/** The cursor of a row in an order: opaque text, good for that order alone, in both directions, whatever is written meanwhile. */
export function cursorOf(table: Table, order: Order, row: AnyRow): string {
  const value = encode(columnOf(table, order.orderBy), row[order.orderBy]);
  return Buffer.from(JSON.stringify([nameOf(table, order), value, keyOf(table, row)])).toString('base64url');
}

/** Reads a cursor of this order. Throws `BAD_CURSOR` where it is malformed or another order's. */
export function placeOf(table: Table, order: Order, cursor: string): Place {
  const parts = parse(cursor);
  if (parts === undefined) throw badCursor('The cursor is malformed.');
  const [name, value, key] = parts;
  if (name !== nameOf(table, order)) throw badCursor(`The cursor belongs to another order than ${nameOf(table, order)}.`);
  if (!fits(table, order, value) || typeof key !== 'string' || key === '') throw badCursor('The cursor is malformed.');
  return { value, key };
}

const nameOf = (table: Table, { orderBy }: Order) => `${table.name}.${orderBy}`;

function parse(cursor: string): readonly unknown[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) && parts.length === 3 ? parts : undefined;
  } catch {
    return undefined;
  }
}

const textKinds: ReadonlySet<string> = new Set(['id', 'text', 'oneOf']);

function fits(table: Table, { orderBy }: Order, value: unknown): value is string | number {
  const { kind } = columnOf(table, orderBy);
  assert(kind !== 'list', `${table.name} cannot be ordered by its list ${orderBy}.`);
  return textKinds.has(kind) ? typeof value === 'string' : Number.isSafeInteger(value);
}

const badCursor = (message: string) =>
  new VarveError({
    code: 'BAD_CURSOR',
    message,
    hint: 'Send back a cursor as this list gave it, with the same orderBy; or leave it out to begin anew.',
  });
