import { assertColumnName, quote } from '../names.ts';
import type { Table } from '../table.ts';

/** A column in CREATE TABLE, by its type in SQL. */
export function columnSql(table: Table, name: string, type: string): string {
  assertColumnName(table, name);
  const [key, notNull] = [name === table.key && 'PRIMARY KEY', !table.columns[name]?.nullable && 'NOT NULL'];
  return [quote(name), type, key, notNull].filter(Boolean).join(' ');
}

/** An index, by its name and its first column, and the statement that makes it where it is not there. */
export interface IndexSql {
  readonly name: string;
  readonly first: string;
  readonly statement: string;
}

/**
 * CREATE INDEX for each of the definition's indexes. The key is the last column: pages need it.
 *
 * @param on the table in SQL
 * @param named gives an index its name, by its columns
 */
export function indexesOn(table: Table, on: string, named: (columns: string) => string): readonly IndexSql[] {
  return table.indexes.map((columns) => {
    const all = columns.includes(table.key) ? columns : [...columns, table.key];
    const name = named(columns.join('_'));
    const statement = `CREATE INDEX IF NOT EXISTS ${quote(name)} ON ${on} (${all.map(quote).join(', ')})`;
    return { name, first: columns[0] ?? '', statement };
  });
}
