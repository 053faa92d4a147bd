import { assert, domainCode } from '#base';
import type { AnyCatalogue, Catalogue, Recorded, RecordedOf, Shapes } from '#event';
import { type AnyRow, type Equals, type Row, type Table, tableHash } from '#readtable';

/** A change of one or more rows, as data: nothing happens until the runner applies it. */
export type RowChange =
  | { readonly kind: 'put'; readonly key: string; readonly row: AnyRow }
  | { readonly kind: 'update'; readonly key: string; readonly orElse: AnyRow | undefined; readonly change: (row: AnyRow) => AnyRow }
  | { readonly kind: 'updateWhere'; readonly equals: Equals; readonly change: (row: AnyRow) => AnyRow }
  | { readonly kind: 'remove'; readonly key: string }
  | { readonly kind: 'removeWhere'; readonly equals: Equals };

/** Says how rows are to change. */
interface Rows<R extends AnyRow> {
  (
    key: string,
  ): {
    /** The row stands so, whatever was there. */
    put(row: R): RowChange;
    /** The row becomes what `change` makes of it. That it does not exist is a bug. */
    update(change: (row: R) => R): RowChange;
    /** The same, beginning with `initial` where there is no row yet. */
    upsert(initial: R, change: (row: R) => R): RowChange;
    /** The row goes. That it does not exist is a bug. */
    remove(): RowChange;
  };
  /** All rows with these values; that may be none. */
  where(equals: Partial<R>): {
    update(change: (row: R) => R): RowChange;
    remove(): RowChange;
  };
}

/** What an event does to rows. */
type Changes = RowChange | readonly RowChange[] | undefined;

/** For events that a projection has nothing to do with: every event must be answered, so that none is forgotten. */
export const ignore = (): undefined => undefined;

type Answers<C extends readonly unknown[], R extends AnyRow> = C extends readonly [Catalogue<string, infer S>, ...infer Rest]
  ? AnswersOf<S, R> & Answers<Rest, R>
  : unknown;
type AnswersOf<S extends Shapes, R extends AnyRow> = {
  readonly [K in keyof S & string]: (event: RecordedOf<S, K>, row: Rows<R>) => Changes;
};

/** A pure function from events to row changes: how facts become the rows of one read table. */
export interface Projection<T extends Table = Table> {
  readonly table: T;
  readonly catalogues: readonly AnyCatalogue[];
  /** The event types that it does something with. */
  readonly types: ReadonlySet<string>;
  /** Text that changes when the projection's answers do, but not what they call, when its revision does, or the way that its events are read; hashed with the table's definition (P7). */
  readonly source: string;
  readonly revision: number;
  changes(event: Recorded): readonly RowChange[];
}

/** What else a projection says of itself. */
export interface ProjectionOptions {
  /**
   * Raise it where a function or constant that the answers use has changed: the hash of a read table sees the text of the answers alone, so
   * without it the rows stay as the older code made them. Left out: 1.
   */
  readonly revision?: number;
}

/** Declares how the events of some catalogues become the rows of one read table. Every event has its answer, or `ignore`. */
export function projection<T extends Table, const C extends readonly [AnyCatalogue, ...AnyCatalogue[]]>(
  table: T,
  catalogues: C,
  answers: Answers<C, Row<T>>,
  { revision = 1 }: ProjectionOptions = {},
): Projection<T> {
  const byType = new Map(Object.entries(answers as Readonly<Record<string, Answer>>));
  const known = new Set(catalogues.flatMap(({ definitions }) => [...definitions.keys()]));
  for (const type of byType.keys())
    assert(known.has(type), `The projection of ${table.name} answers ${type}, which is in none of its catalogues.`);
  const rows = rowsOf();
  const types = new Set([...byType].filter(([, answer]) => answer !== ignore).map(([type]) => type));
  return {
    table,
    catalogues,
    types,
    revision,
    get source() {
      const answered = [...byType].map(([type, answer]) => `${type} ${String(answer)}`);
      const read = catalogues.flatMap(({ definitions }) => [...definitions.values()].filter(({ type }) => types.has(type)));
      return [revision, ...answered, ...read.map(({ source }) => source)].join('\n').replaceAll(/\s+/g, ' ');
    },
    changes: (event) => {
      const answer = domainCode(() => byType.get(event.type)?.(event, rows)) ?? [];
      return isMany(answer) ? answer : [answer];
    },
  };
}

const isMany = (changes: RowChange | readonly RowChange[]): changes is readonly RowChange[] => Array.isArray(changes);

/** Those that do something with an event, by its type. */
export function projectionsByType(projections: readonly Projection[]): ReadonlyMap<string, readonly Projection[]> {
  const byType = new Map<string, Projection[]>();
  for (const one of projections) for (const type of one.types) byType.set(type, [...(byType.get(type) ?? []), one]);
  return byType;
}

type Answer = (event: Recorded, row: Rows<AnyRow>) => Changes;

function rowsOf(): Rows<AnyRow> {
  return Object.assign(
    (key: string) => ({
      put: (row: AnyRow): RowChange => ({ kind: 'put', key, row }),
      update: (change: (row: AnyRow) => AnyRow): RowChange => ({ kind: 'update', key, orElse: undefined, change }),
      upsert: (initial: AnyRow, change: (row: AnyRow) => AnyRow): RowChange => ({ kind: 'update', key, orElse: initial, change }),
      remove: (): RowChange => ({ kind: 'remove', key }),
    }),
    {
      where: (equals: Equals) => ({
        update: (change: (row: AnyRow) => AnyRow): RowChange => ({ kind: 'updateWhere', equals, change }),
        remove: (): RowChange => ({ kind: 'removeWhere', equals }),
      }),
    },
  );
}

/** By the name of each projection's table, the hash of what it is built by. */
export const hashesOf = (projections: readonly Projection[]): ReadonlyMap<string, string> =>
  new Map(projections.map(({ table, source }) => [table.name, tableHash(table, source)]));
