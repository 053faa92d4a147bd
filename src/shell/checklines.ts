import type { Checked, CheckedTable } from './check.ts';
import { counted, findingLines, headText } from './lines.ts';
import type { RowToChange } from './tablechanges.ts';

/** What a check found, for an operator: a line each. */
export function* checkLines(checked: Checked): Generator<string> {
  const { ok, head, tables, errors, warnings, rowsToChange } = checked;
  yield* findingLines(checked);
  yield `Read the log up to ${headText(head)} by this version of the program`;
  for (const table of tables) yield* tableLines(table);
  const found = new Set(checked.findings.flatMap((one) => (one.level === 'error' && 'table' in one ? [one.table] : [])));
  const differing = tables.filter(({ name, state }) => state === 'kept' && found.has(name)).map(({ name }) => name);
  if (differing.length > 0) yield revisionLine(differing);
  yield `${ok ? `Nothing stands in the way; the rebuild changes ${counted(rowsToChange, 'row')}` : `${counted(errors, 'error')}: mend that first`}${
    warnings > 0 ? `; ${counted(warnings, 'warning')}` : ''
  }.`;
}

const revisionLine = (tables: readonly string[]) =>
  `A start keeps ${tables.join(', ')}, whose projection has not changed by itself. Where a function that it calls has, raise the projection's revision; where none has, see \`varve verify\`.`;

function* tableLines(table: CheckedTable): Generator<string> {
  yield `and the read table ${table.name}: ${stateText(table)}`;
  for (const row of table.rows) yield `  ${rowText(row)}`;
  const { changed, added, removed, byColumn, rows, state } = table;
  const all = Object.values(byColumn).reduce((sum, one) => sum + one, 0) + added + removed;
  if (state === 'rebuilt' && changed + added + removed > 0 && all > rows.length) yield `  and ${all - rows.length} more`;
}

function stateText({ state, total, removed, ...table }: CheckedTable): string {
  if (state === 'kept') return `stays, with ${counted(total, 'row')}`;
  if (state === 'new') return `will be built, with ${counted(total, 'row')}`;
  if (state === 'dropped') return `will be dropped, with ${counted(removed, 'row')}: no projection knows it`;
  if (state === 'not compared') return 'not compared';
  const columns = Object.entries(table.byColumn).map(([column, count]) => `${column} ${count}`);
  const rows = [
    `${counted(table.changed, 'row')} will change${columns.length > 0 ? ` (${columns.join(', ')})` : ''}`,
    `${table.added} come, ${removed} go`,
    ...table.columnsNew.map((column) => `the column ${column} is new`),
    ...table.columnsLost.map((column) => `the column ${column} goes`),
  ];
  return `will be rebuilt, with ${counted(total, 'row')}: ${rows.join('; ')}`;
}

function rowText({ kind, key, column, before, after }: RowToChange): string {
  const row = `the row ${JSON.stringify(key)}`;
  if (kind !== 'changed') return `${row} ${kind === 'added' ? 'comes' : 'goes'}`;
  return `${row}: ${column} ${JSON.stringify(before)} becomes ${JSON.stringify(after)}`;
}
