import { assert, fingerprint } from '#base';
import type { Column, Kind } from '../column.ts';
import { quote } from '../names.ts';
import { columnSql, type IndexSql, indexesOn } from '../sql/ddl.ts';
import type { Table } from '../table.ts';

/** How PostgreSQL stores each kind of column: what it stores is what SQLite stores. */
export const sqlTypes: Readonly<Record<Kind, 'text' | 'integer' | 'bigint' | 'smallint'>> = {
  id: 'text',
  text: 'text',
  oneOf: 'text',
  list: 'text',
  int: 'integer',
  decimal: 'bigint',
  instant: 'bigint',
  boolean: 'smallint',
};

/** What a value is compared as. Of whole numbers any that a cursor or a filter may hold: one that no row can have is found in none. */
export const comparedAs = ({ kind }: Column): 'text' | 'bigint' => (sqlTypes[kind] === 'text' ? 'text' : 'bigint');

/** PostgreSQL cuts off longer names without a word. */
const nameLengthMax = 63;

/** CREATE TABLE for a definition, under a name in a schema. Texts are ordered by their UTF-8, as in every store. */
export function createTable(schema: string, table: Table, name: string): string {
  assertLength(name);
  const columns = Object.entries(table.columns).map(([column, { kind }]) => {
    assertLength(column);
    return columnSql(table, column, sqlTypes[kind] === 'text' ? 'text COLLATE "C"' : sqlTypes[kind]);
  });
  return `CREATE TABLE ${schema}.${quote(name)} (${columns.join(', ')})`;
}

/** See {@link indexesOn}; the names begin with the prefix. */
export const createIndexes = (schema: string, table: Table, name: string, prefix: string): readonly IndexSql[] =>
  indexesOn(table, `${schema}.${quote(name)}`, (columns) => shortened(`${prefix}${columns}`));

/** Names that only differ where they would be cut off stay apart. */
function shortened(name: string): string {
  if (name.length <= nameLengthMax) return name;
  const mark = `_${fingerprint(name).slice(0, 12)}`;
  return `${name.slice(0, nameLengthMax - mark.length)}${mark}`;
}

function assertLength(name: string): void {
  assert(
    name.length <= nameLengthMax,
    `The name ${name} has ${name.length} letters; PostgreSQL knows ${nameLengthMax} of them.`,
    'Give the read table or its column a shorter name: a table that is being rebuilt has six letters more.',
  );
}
