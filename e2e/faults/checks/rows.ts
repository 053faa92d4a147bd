import type { Finding, Run } from '../finding.ts';

/** Read tables are byte for byte what the log gives when it is folded from nothing. */
export function* checkRows({ stored: { rows, rebuilt } }: Run): Iterable<Finding> {
  if (!rebuilt) {
    yield { code: 'LOG_UNSOUND', message: 'No read tables can be made of the log.' };
    return;
  }
  for (const table of new Set([...Object.keys(rows), ...Object.keys(rebuilt)])) {
    const [stand, given] = [rows[table] ?? [], rebuilt[table] ?? []];
    const place = Array.from({ length: Math.max(stand.length, given.length) }).findIndex((_, i) => stand[i] !== given[i]);
    if (place >= 0)
      yield {
        code: 'ROWS_DIFFER',
        message: `Row ${place + 1} of ${table} is ${stand[place] ?? 'not there'}; the log gives ${given[place] ?? 'none'}.`,
      };
  }
}
