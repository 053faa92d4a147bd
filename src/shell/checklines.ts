import type { Checked, CheckedTable } from './check.ts';
import { counted, findingLines, headText } from './lines.ts';
import type { RowToChange } from './tablechanges.ts';

/** What a check found, for an operator: a line each. */
export function* checkLines(checked: Checked): Generator<string> {
  const { ok, head, tables, errors, warnings, rowsToChange } = checked;
  yield* findingLines(checked);
  yield `Read the log up to ${headText(head)} by this version of the program`;
  for (const table of tables) yield* tableLines(table);
  yield `${ok ? `Nothing stands in the way; the rebuild changes ${counted(rowsToChange, 'row')}` : `${counted(errors, 'error')}: mend that first`}${
    warnings > 0 ? `; ${counted(warnings, 'warning')}` : ''
  }.`;
}

const differs =
  'would stay, for its projection has not changed by itself, but the log gives other rows: where a function that it calls has changed, raise its revision; where none has, see `varve verify`';

function* tableLines(table: CheckedTable): Generator<string> {
  yield `and the read table ${table.name}: ${stateText(table)}`;
  for (const row of table.rows) yield `  ${rowText(row)}`;
  const { added, removed, byColumn, rows, state } = table;
  const all = Object.values(byColumn).reduce((sum, one) => sum + one, added + removed);
  if (state === 'rebuilt' && all > rows.length) yield `  and ${counted(all - rows.length, 'more difference')}`;
}

function stateText({ state, total, removed, ...table }: CheckedTable): string {
  if (state === 'kept') return `stays, with ${counted(total, 'row')}`;
  if (state === 'differs') return differs;
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
