import { assert } from '#base';

/** Something with a name in SQL. */
interface Named {
  readonly name: string;
}

/** Names go into SQL, and into the names of indexes: letters, digits and underscores. */
export function assertColumnName(table: Named, name: string): void {
  assert(
    /^[A-Za-z][A-Za-z0-9_]*$/.test(name),
    `The column's name ${JSON.stringify(name)} in ${table.name} is not letters, digits and underscores.`,
  );
}

/** What PostgreSQL has in every table: https://www.postgresql.org/docs/current/ddl-system-columns.html */
const systemColumns: ReadonlySet<string> = new Set(['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid']);

/** Refuses columns and indexes that one of the dialects could not tell apart, or has itself. An index is named by its columns. */
export function assertNames(table: Named, columns: readonly string[], indexes: readonly (readonly string[])[]): void {
  for (const column of columns) {
    assertColumnName(table, column);
    assert(
      !systemColumns.has(column),
      `The column ${column} of ${table.name} has the name of one that PostgreSQL has in every table.`,
      'Give it another name.',
    );
  }
  assertApart(`Two columns of ${table.name}`, columns);
  assertApart(
    `Two indexes of ${table.name}`,
    indexes.map((index) => index.join('_')),
  );
}

/** To SQLite, great letters and small ones are the same. */
function assertApart(what: string, names: readonly string[]): void {
  const folded = names.map((name) => name.toLowerCase());
  const twice = names.find((_, i) => folded.indexOf(folded[i] ?? '') < i);
  assert(twice === undefined, `${what} have one name in SQL: ${twice}.`, 'Give one of the columns another name.');
}

/** A name in SQL. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The name of the table that a rebuild fills, beside the one that stands. Definitions cannot take it: their names have no `__`. */
export const nextTable = (table: Named): string => `${table.name}__next`;
