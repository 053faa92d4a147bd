import { LRUCache } from 'lru-cache';
import { limits } from '#base';
import { rowDecoder } from '../decode.ts';
import { encode, type Stored } from '../encoding.ts';
import { quote } from '../names.ts';
import type { Equals } from '../port.ts';
import { type AnyRow, columnOf, type Table } from '../table.ts';
import { comparedAs, sqlTypes } from './ddl.ts';
import { assertStorable, soughtFor } from './nul.ts';

/** What reads and writes the rows of one table, in SQL: each text is built once, and prepared once a connection. */
export class TableTexts {
  readonly #table: Table;
  readonly #columns;
  readonly #select: string;
  readonly #where = new LRUCache<string, string>({ max: limits.statementsCachedMax });
  readonly byKeys: string;
  readonly upsert: string;
  readonly remove: string;
  /** Makes a row of what a select gives. */
  readonly decode: (values: readonly unknown[]) => AnyRow;

  /** @param name the table's name, quoted, with its schema */
  constructor(table: Table, name: string) {
    const key = quote(table.key);
    this.#table = table;
    this.#columns = Object.entries(table.columns);
    this.#select = `SELECT ${this.#columns.map(([column]) => quote(column)).join(', ')} FROM ${name}`;
    this.byKeys = `${this.#select} WHERE ${key} = ANY($1::text[])`;
    this.upsert = upsertText(table, name);
    this.remove = `DELETE FROM ${name} WHERE ${key} = ANY($1::text[])`;
    this.decode = rowDecoder(table);
  }

  /** A row's values, as `upsert` takes a list of each. Throws `TEXT_NOT_STORABLE`. */
  valuesOf(row: AnyRow): readonly Stored[] {
    return this.#columns.map(([name, column]) => {
      const value = encode(column, row[name]);
      assertStorable(value, this.#table.name, name);
      return value;
    });
  }

  /** A look for rows by these values: its text, and what the text takes. */
  where(equals: Equals): readonly [text: string, values: readonly Stored[]] {
    const stored = Object.entries(equals).map(([name, value]) => [name, encode(columnOf(this.#table, name), value)] as const);
    const shape = stored.map(([name, value]) => (value === null ? `${name} null` : name)).join();
    const text = this.#where.get(shape) ?? this.#whereText(stored);
    this.#where.set(shape, text);
    return [text, stored.flatMap(([, value]) => (value === null ? [] : [soughtFor(value)]))];
  }

  /** By `=`, and null by itself: an index serves both. */
  #whereText(stored: readonly (readonly [name: string, value: Stored])[]): string {
    let at = 0;
    const conditions = stored.map(([name, value]) => {
      if (value === null) return `${quote(name)} IS NULL`;
      at += 1;
      return `${quote(name)} = $${at}::${comparedAs(columnOf(this.#table, name))}`;
    });
    return conditions.length === 0 ? this.#select : `${this.#select} WHERE ${conditions.join(' AND ')}`;
  }
}

function upsertText({ columns, key }: Table, name: string): string {
  const names = Object.keys(columns);
  const others = names.filter((column) => column !== key).map((column) => `${quote(column)} = excluded.${quote(column)}`);
  const change = others.length > 0 ? `UPDATE SET ${others.join(', ')}` : 'NOTHING';
  const lists = Object.values(columns).map(({ kind }, at) => `$${at + 1}::${sqlTypes[kind]}[]`);
  return `INSERT INTO ${name} (${names.map(quote).join(', ')}) SELECT * FROM unnest(${lists.join(', ')}) ON CONFLICT (${quote(key)}) DO ${change}`;
}
