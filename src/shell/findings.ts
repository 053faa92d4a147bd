import { limits } from '#base';
import type { LogFinding } from '#eventstore';
import type { RowDifference } from '#readtable';

/**
 * What may be wrong with read tables:
 * - `TABLE_STALE`: another version of the program built it, so it is not compared; a start rebuilds it;
 * - `TABLE_MISSING`: it is noted, but its rows are not there;
 * - `TABLE_AHEAD`: it, or its journal, says that the log has been where it has not been;
 * - `ROW_DIFFERS`, `ROW_MISSING`, `ROW_EXTRA`: a row is not what the log gives;
 * - `REBUILD_STOPPED`: a projection fails on an event, so no table can be compared;
 * - `TABLE_NAME_TAKEN`: a table that is none of the read tables has its name, so it could not be built.
 */
type TableFindingCode =
  | 'TABLE_STALE'
  | 'TABLE_MISSING'
  | 'TABLE_AHEAD'
  | 'TABLE_NAME_TAKEN'
  | 'ROW_DIFFERS'
  | 'ROW_MISSING'
  | 'ROW_EXTRA'
  | 'REBUILD_STOPPED';

/** Something that is wrong with a read table: what, where, and a sentence. */
export interface TableFinding {
  readonly code: TableFindingCode;
  readonly message: string;
  readonly position?: number;
  readonly table?: string;
  readonly key?: string;
  readonly column?: string;
  /** Of a row that differs: the two values, cut down to where they do. */
  readonly stored?: string | number | null;
  readonly rebuilt?: string | number | null;
}

/** A warning is true of a log that is well, too: of one that another version of the program has written. */
export type Finding = (LogFinding | TableFinding) & { readonly level: 'error' | 'warning' };

const warnings: ReadonlySet<Finding['code']> = new Set(['TAGS_DIFFER', 'TABLE_STALE']);

/** What was found. */
export interface Found {
  /** True where there is no error; there may be warnings. */
  readonly ok: boolean;
  readonly errors: number;
  readonly warnings: number;
  /** How often each code was found. */
  readonly counts: Readonly<Record<string, number>>;
  /** The first of each code, in the order in which they were found: `limits.findingsShownMax`. */
  readonly findings: readonly Finding[];
}

/** Counts all that is found, and keeps the first of each code. */
export class Findings {
  readonly #first: Finding[] = [];
  readonly #counts = new Map<Finding['code'], number>();
  readonly #isWarning: (code: Finding['code']) => boolean;

  /** @param isWarning which codes are warnings; left out: those that are so of a log that is well. */
  constructor(isWarning = (code: Finding['code']) => warnings.has(code)) {
    this.#isWarning = isWarning;
  }

  add(finding: LogFinding | TableFinding): void {
    const { code } = finding;
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= limits.findingsShownMax) this.#first.push({ level: this.#isWarning(code) ? 'warning' : 'error', ...finding });
  }

  /** How many of them are errors, so far. */
  get errors(): number {
    return this.#sum((code) => !this.#isWarning(code));
  }

  get found(): Found {
    const { errors } = this;
    const counts = Object.fromEntries(this.#counts);
    return { ok: errors === 0, errors, warnings: this.#sum(this.#isWarning), counts, findings: this.#first };
  }

  #sum(isIt: (code: Finding['code']) => boolean): number {
    return [...this.#counts].reduce((total, [code, count]) => total + (isIt(code) ? count : 0), 0);
  }
}

/** A row's difference as a finding. */
export function rowFinding(table: string, difference: RowDifference): TableFinding {
  const { key } = difference;
  const row = `The row ${JSON.stringify(key)} of ${table}`;
  if (difference.kind === 'differs') return differenceFinding(table, row, difference);
  if (difference.kind === 'missing') return { code: 'ROW_MISSING', message: `${row} is missing: the log gives it.`, table, key };
  return { code: 'ROW_EXTRA', message: `${row} stands there, though the log does not give it.`, table, key };
}

function differenceFinding(table: string, row: string, difference: Extract<RowDifference, { kind: 'differs' }>): TableFinding {
  const { key, column } = difference;
  const [stored, rebuilt] = cutDown(difference.stored, difference.rebuilt);
  const message = `${row} has ${column} ${JSON.stringify(stored)}; the log gives ${JSON.stringify(rebuilt)}.`;
  return { code: 'ROW_DIFFERS', message, table, key, column, stored, rebuilt };
}

/** A value as a read table has it. */
export type Value = string | number | null;

/** Two values around the place where they differ: a list may have thousands of entries. */
export function cutDown(stored: Value, rebuilt: Value): readonly [Value, Value] {
  const max = limits.findingValueLengthMax;
  const [left, right] = [String(stored), String(rebuilt)];
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  const from = Math.max(0, same - max / 4);
  const cut = (value: Value) =>
    typeof value !== 'string' || value.length <= max
      ? value
      : `${from > 0 ? '…' : ''}${value.slice(from, from + max).toWellFormed()}${from + max < value.length ? '…' : ''}`;
  return [cut(stored), cut(rebuilt)];
}
