import { CsvError, parse } from 'csv-parse/sync';
import { importLimits } from './limits.ts';

/** One record of a CSV text: the line where it begins (from 1), and its fields; none where it is broken. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[] | undefined;
}

/** Records read at one go, and the lines they took. */
interface Reading {
  readonly found: readonly CsvRecord[];
  readonly span: number;
}

/**
 * Reads CSV (RFC 4180) record by record, header included, and goes on after a broken one with the next line.
 * A field in quotes may hold line breaks; where such a record turns out to be broken, or has not as many fields
 * as the first one, only its first line is given up, so that one stray quote swallows no good rows.
 * Empty lines are skipped. Line breaks may be LF, CRLF or CR.
 */
export function* records(text: string): Generator<CsvRecord> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  let width: number | undefined;
  for (let at = 0; at < lines.length; ) {
    const { found, span } = lines[at]?.includes('"') ? quoted(lines, at, width) : unquoted(lines, at);
    for (const { line, fields } of found) {
      width ??= fields?.length;
      yield { line, fields: fields?.length === width ? fields : undefined };
    }
    at += span;
  }
}

/** The longest run of lines without a quote: there, and only there, every line is a record. */
function unquoted(lines: readonly string[], start: number): Reading {
  let end = start;
  while (end < lines.length && end - start < importLimits.chunkLinesMax && !lines[end]?.includes('"')) end += 1;
  const rows = parse(lines.slice(start, end).join('\n'), { relax_column_count: true, record_delimiter: '\n' });
  const found = rows.map((fields, index) => ({ line: start + index + 1, fields }));
  const filled = found.filter(({ fields }) => fields.length > 1 || fields[0] !== '');
  return {
    found: filled.map(({ line, fields }) => ({ line, fields: isTooLong(lines[line - 1]) ? undefined : fields })),
    span: end - start,
  };
}

const isTooLong = (text = ''): boolean => text.length > importLimits.recordLengthMax;

/** The one record that begins on a line with a quote. */
function quoted(lines: readonly string[], start: number, width: number | undefined): Reading {
  const last = Math.min(start + importLimits.recordLinesMax, lines.length);
  for (let end = start + 1; end <= last; end += 1) {
    if (end > start + 1 && !lines[end - 1]?.includes('"')) continue;
    const fields = record(lines.slice(start, end).join('\n'));
    if (fields === 'UNCLOSED') continue;
    if (fields === 'BROKEN' || (width !== undefined && fields.length !== width)) break;
    return { found: [{ line: start + 1, fields }], span: end - start };
  }
  return { found: [{ line: start + 1, fields: undefined }], span: 1 };
}

function record(text: string): readonly string[] | 'UNCLOSED' | 'BROKEN' {
  try {
    const [fields] = parse(text, { relax_column_count: true, record_delimiter: '\n', max_record_size: importLimits.recordLengthMax });
    return fields ?? 'BROKEN';
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'UNCLOSED' : 'BROKEN';
  }
}
