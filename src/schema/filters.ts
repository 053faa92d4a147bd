import { z } from 'zod';
import { assert, limits } from '#base';
import { Decimal, Instant } from '#event';
import type { Column, Condition, Table } from '#readtable';
import { badInput, pageTooLarge } from './faults.ts';
import type { Arguments } from './paging.ts';
import { type Fields, optionalField, scalar, shapeOfColumn } from './shape.ts';
import { defaultOrder, type Exposed } from './weave.ts';

/** The arguments by which a list is narrowed: `filter`, `search`, each where the list has it. */
export function narrowingFields({ spec: { type, list }, table }: Exposed): Fields {
  const filter = Object.entries(list?.filter ?? {}).map(([name, { column, is, description = '' }]) => {
    const shape = shapeOfColumn(columnOf(table, column));
    assert(shape.kind === 'scalar' || shape.kind === 'enum', `${type} cannot be filtered by its list ${column}.`);
    return [name, optionalField(is === 'in' ? { kind: 'list', of: shape } : shape, description)] as const;
  });
  const filterInput = {
    kind: 'object',
    name: `${type}Filter`,
    fields: Object.fromEntries(filter),
    description: 'Fields that are left out let everything through.',
  } as const;
  const searched = list?.search?.join(', ');
  return {
    ...(filter.length > 0 && { filter: optionalField(filterInput, 'Only those that all of its fields let through.') }),
    ...(searched && {
      search: optionalField(
        scalar('String'),
        `Only those with this text in one of: ${searched}; at most ${limits.searchLengthMax} characters, the case of A to Z does not count.`,
      ),
    }),
  };
}

/** The argument that orders a list, where it has one. */
export function orderFields({ spec: { type, list }, table }: Exposed): Fields {
  const names = Object.keys(list?.orderBy ?? {});
  for (const column of Object.values(list?.orderBy ?? {})) {
    const { nullable, kind } = columnOf(table, column);
    assert(!nullable && kind !== 'list', `${type} cannot be ordered by ${column}, which may be null or is a list.`);
  }
  if (names.length === 0) return {};
  const field = {
    kind: 'enum',
    name: `${type}OrderField`,
    values: names,
    description: `What objects of the type ${type} can be ordered by.`,
  } as const;
  const direction = {
    kind: 'enum',
    name: 'SortDirection',
    values: ['ASC', 'DESC'],
    description: 'Least first, or greatest first.',
  } as const;
  const fields: Fields = {
    field: { shape: field, nullable: false, omittable: false, description: 'What to order by; the key decides between equals.' },
    direction: { shape: direction, nullable: false, omittable: true, fallback: 'ASC', description: 'Least or greatest first.' },
  };
  const input = { kind: 'object', name: `${type}Order`, fields, description: `An order of objects of the type ${type}.` } as const;
  return { orderBy: optionalField(input, `Left out: by ${names[0]}, least first.`) };
}

/** Reads the order that {@link orderFields} asks for. */
export function orderOf(exposed: Exposed, { orderBy }: Arguments): { readonly orderBy: string; readonly descending: boolean } {
  const { field, direction } = isRecord(orderBy) ? orderBy : {};
  const column = exposed.spec.list?.orderBy?.[String(field)];
  return { orderBy: column ?? defaultOrder(exposed), descending: direction === 'DESC' };
}

/** Reads the conditions that {@link narrowingFields} set. Throws `BAD_USER_INPUT`, or `PAGE_TOO_LARGE` for a list that is too long. */
export function conditionsOf({ spec: { list }, table }: Exposed, { filter, search }: Arguments): readonly Condition[] {
  const given = isRecord(filter) ? filter : {};
  const conditions = Object.entries(list?.filter ?? {}).flatMap(([name, { column, is }]): readonly Condition[] => {
    const value = given[name];
    if (value === undefined || value === null) return [];
    if (is !== 'in') return [{ column, is, value: read(columnOf(table, column), value, name) }];
    assert(Array.isArray(value), `The filter ${name} takes a list.`);
    if (value.length > limits.filterListMax) throw pageTooLarge(`The filter's \`${name}\``, value.length, limits.filterListMax);
    return [{ column, is, value: value.map((one) => read(columnOf(table, column), one, name)) }];
  });
  return typeof search === 'string' && search !== '' ? [...conditions, searchOf(list?.search ?? [], search)] : conditions;
}

function searchOf(anyColumn: readonly string[], value: string): Condition {
  if (value.length > limits.searchLengthMax)
    throw badInput(`\`search\` has ${value.length} characters; ${limits.searchLengthMax} are allowed.`, 'Search for less.');
  // In SQLite a pattern ends at a NUL, whatever comes after it.
  if (/\p{Cc}/u.test(value)) throw badInput('`search` has a control character.', 'Search for a line of text.');
  return { anyColumn, is: 'contains', value };
}

/** Decimals and moments come as text, see scalars.ts. */
function read({ kind }: Column, value: unknown, name: string): unknown {
  if (kind !== 'decimal' && kind !== 'instant') return value;
  const { data, error } = z.safeParse<z.core.$ZodType>(kind === 'decimal' ? Decimal : Instant, value);
  if (error) throw badInput(`The filter's \`${name}\` ${error.issues[0]?.message}.`, 'Correct the value.');
  return data;
}

function columnOf({ name, columns }: Table, column: string): Column {
  const found = columns[column];
  assert(found, `${name} has no column ${column}.`);
  return found;
}

const isRecord = (value: unknown): value is Arguments => typeof value === 'object' && value !== null;
