import { cpus } from 'node:os';
import { bounds } from './bounds.ts';

/** A figure that is asked for. */
export interface Asked {
  readonly what: string;
  /** What it must come to, and what would be better still. */
  readonly least: number;
  readonly reach: number;
  /** The smaller, the better. */
  readonly isCost?: boolean;
  /** Of the figure; left out: it is a ratio to what was measured beside it. */
  readonly unit?: string;
}

/** Every figure that is asked for, in the order of the page. */
export const asked = {
  mutations: { what: 'durable mutations/s ÷ bare echo, 64 connections', least: 0.25, reach: 0.5 },
  yoga: { what: 'durable mutations/s ÷ stock Yoga with no store', least: 2.5, reach: 5 },
  dispatcher: { what: 'dispatcher alone ÷ bare inserts of the same rows, 64 a commit', least: 0.5, reach: 0.7 },
  one: { what: 'query of one row by id ÷ bare echo', least: 0.45, reach: 0.6 },
  page: { what: 'orders(first: 50), lines and user ÷ bare echo of as many bytes', least: 0.1, reach: 0.25 },
  rebuild: { what: 'rebuild, events/s ÷ bare scan with JSON.parse', least: 0.3, reach: 0.6 },
  p99: { what: 'p99 of a mutation, 64 connections', least: 25, reach: 10, isCost: true, unit: 'ms' },
  growth: { what: 'cost a command, largest log ÷ 1,000 events', least: 1.3, reach: 1.1, isCost: true },
  start: { what: 'start to /health, largest log', least: 1, reach: 0.3, isCost: true, unit: 's' },
  memory: { what: 'memory of the process after as many commands', least: 300, reach: 200, isCost: true, unit: 'MiB' },
  disk: { what: 'disk a shop event, everything included', least: 900, reach: 500, isCost: true, unit: 'B' },
} as const satisfies Readonly<Record<string, Asked>>;

/** What was measured of what is asked. */
export type Measured = Partial<Readonly<Record<keyof typeof asked, number>>>;

/** One bench: prints its tables, and answers what it measured of what is asked. */
export type Bench = () => Promise<Measured>;

/** The middle one. */
export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** The medians of what every round measured. */
export function medians<Name extends string>(rounds: readonly Readonly<Record<Name, number>>[]): Readonly<Record<Name, number>> {
  const names = Object.keys(rounds[0] ?? {}) as Name[];
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((round) => round[name]))])) as Record<Name, number>;
}

/** A number as it is read: three places that tell something, thousands parted. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return '';
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Prints a table in Markdown, as it stands in docs/benchmarks.md. */
export function print(title: string, rows: readonly Readonly<Record<string, string | number>>[]): void {
  const head = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => head.map((name) => (typeof row[name] === 'number' ? shown(row[name]) : (row[name] ?? ''))));
  const widths = head.map((name, at) => Math.max(name.length, ...cells.map((cell) => cell[at]?.length ?? 0)));
  const line = (texts: readonly string[]) => `| ${texts.map((text, at) => text.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  console.log(`\n${title}\n\n${[line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n')}`);
}

/** When, where and how it was measured. */
export const circumstances = (): string =>
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores; medians of ${bounds.rounds} rounds of ${bounds.seconds} s, in turns; ${shown(bounds.events)} events; synchronous=FULL`;

const isMet = ({ isCost }: Asked, value: number, bound: number) => (isCost ? value <= bound : value >= bound);

/** How a figure stands to what is asked. */
export function verdict(figure: Asked, value: number): 'reached' | 'met' | 'missed' {
  if (isMet(figure, value, figure.reach)) return 'reached';
  return isMet(figure, value, figure.least) ? 'met' : 'missed';
}

/** What is asked, in order, with what was measured of it. */
export const figuresOf = (measured: Measured): readonly (readonly [Asked, number | undefined])[] =>
  Object.entries(asked).map(([name, figure]) => [figure, measured[name as keyof typeof asked]]);

/** Prints what was measured beside what is asked. */
export function printAsked(figures: readonly (readonly [Asked, number | undefined])[]): void {
  const rows = figures.flatMap(([figure, value]) => (value === undefined || Number.isNaN(value) ? [] : [rowOf(figure, value)]));
  if (rows.length > 0) print('What is asked, and what was measured', rows);
}

function rowOf(figure: Asked, value: number) {
  const { what, least, reach, isCost, unit = '' } = figure;
  return {
    what,
    measured: `${shown(value)} ${unit}`.trim(),
    asked: `${isCost ? '≤' : '≥'} ${least} ${unit}`.trim(),
    'reach for': `${reach} ${unit}`.trim(),
    '': verdict(figure, value),
  };
}
