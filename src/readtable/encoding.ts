import { assert } from '#base';
import type { Column, Columns, Kind } from './column.ts';
import type { AnyRow } from './table.ts';

/** A value in its stored form: decimals and instants are whole numbers, booleans 0 or 1, lists JSON text. */
export type Stored = string | number | null;

type Json = string | number | null | readonly JsonEntry[];
interface JsonEntry {
  [field: string]: Json;
}

/** A value's stored form. Equal values have equal stored forms, whatever objects they are. */
export function encode(column: Column, value: unknown): Stored {
  const json = toJson(column, value);
  return json !== null && typeof json === 'object' ? JSON.stringify(json) : json;
}

/** A row as JSON: its stored values in the order of the columns, lists standing in it as they are rather than as text. */
export function encodeRow(columns: Columns, row: AnyRow): string {
  const values: Json[] = [];
  for (const name in columns) values.push(toJson(columns[name], row[name]));
  return JSON.stringify(values);
}

function toJson(column: Column | undefined, value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.getTime();
  assert(
    Array.isArray(value),
    `A column of kind ${column?.kind} was given a value of type ${typeof value}.`,
    'Give null where there is no value.',
  );
  return value.map((entry: AnyRow) => entryToJson(column?.fields ?? {}, entry));
}

/** Fields come in declared order, whatever order the entry has them in: the same rows are the same bytes. */
function entryToJson(fields: Columns, entry: AnyRow): JsonEntry {
  const json: JsonEntry = {};
  for (const name in fields) json[name] = toJson(fields[name], entry[name]);
  return json;
}

/** Turns a column's stored values back into what rows hold in memory. */
export function decoderOf(column: Column): (stored: unknown) => unknown {
  const decode = decoders[column.kind](column);
  return decode === same ? same : (stored) => (stored === null ? null : decode(stored));
}

const same = (stored: unknown): unknown => stored;
const asIs = () => same;

const decoders: Readonly<Record<Kind, (column: Column) => (stored: unknown) => unknown>> = {
  id: asIs,
  text: asIs,
  oneOf: asIs,
  int: asIs,
  decimal: asIs,
  boolean: () => (stored) => stored === 1,
  instant: () => (stored) => new Date(Number(stored)),
  list: ({ fields = {} }) => {
    const decodeEntry = entryDecoder(fields);
    // An inner list stands in the outer one's JSON and is parsed with it.
    return decodeEntry ? (stored) => entriesOf(stored).map(decodeEntry) : entriesOf;
  },
};

function entriesOf(stored: unknown): readonly AnyRow[] {
  const entries: unknown = typeof stored === 'string' ? JSON.parse(stored) : stored;
  assert(
    Array.isArray(entries),
    'A stored list is no list.',
    'The read table was changed by hand: set its hash in read_tables to an empty text and start again; it is rebuilt.',
  );
  return entries;
}

/** undefined: entries stand in the JSON as they are in memory. */
function entryDecoder(fields: Columns): ((entry: AnyRow) => AnyRow) | undefined {
  const each = Object.entries(fields).map(([name, field]) => [name, decoderOf(field)] as const);
  if (each.every(([, decode]) => decode === same)) return undefined;
  return (entry) => Object.fromEntries(each.map(([name, decode]) => [name, decode(entry[name])]));
}
