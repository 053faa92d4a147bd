import { limits, type SqlReads, type SqlRow } from '#base';

/** The rows of a select that ends in a condition on the columns of its order, and goes on after the last row of each page by these. */
export async function* paged<R extends SqlRow>(
  sql: SqlReads,
  select: (condition: string) => string,
  columns: readonly string[],
  placeOf: (row: R) => readonly unknown[],
): AsyncGenerator<readonly R[]> {
  const names = columns.join(', ');
  const order = `ORDER BY ${names} LIMIT ${limits.statementRowsMax}`;
  const next = `(${names}) > (${columns.map((_, i) => `$${i + 1}`).join(', ')})`;
  let page = await sql.read<R>(select(`true ${order}`));
  for (let end = page.at(-1); end; end = page.at(-1)) {
    yield page;
    page = await sql.read<R>(select(`${next} ${order}`), placeOf(end));
  }
}
