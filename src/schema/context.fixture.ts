import { type ExecutionResult, execute, type GraphQLSchema, parse, subscribe, validate } from 'graphql';
import { fixedClock } from '#base';
import { openMemoryEngine } from '#command';
import { Hub, liveEvents, liveRows } from '#livestream';
import {
  type AnyRow,
  cursorOf,
  keyOf,
  type MemoryRows,
  matches,
  type Page,
  type PageRequest,
  type Snapshot,
  type Snapshots,
  type Table,
} from '#readtable';
import type { Application } from './application.ts';
import { buildSchema } from './build.ts';
import type { SchemaContext } from './context.ts';
import { Reads } from './reads.ts';

/** An application in memory, asked by GraphQL: without HTTP, without SQL. */
export class Playroom {
  readonly schema: GraphQLSchema;
  /** What was read: `row`, `rows 3`, `page`, `count`; and snapshots: `take`, `release`. */
  readonly trace: string[] = [];
  readonly engine;
  readonly #hub = new Hub(0);
  readonly #clock = fixedClock(new Date('2026-11-01T10:00:00Z'));

  constructor(application: Application) {
    this.schema = buildSchema(application);
    this.engine = openMemoryEngine(application, { clock: this.#clock, onCommit: (commit) => this.#hub.publish(commit) });
  }

  /** Runs one operation and gives its result as a client would see it. */
  async run(document: string, variables: Readonly<Record<string, unknown>> = {}): Promise<ExecutionResult> {
    const parsed = parse(document);
    const errors = validate(this.schema, parsed);
    if (errors.length > 0) return { errors };
    const contextValue = this.context(new Reads(this.snapshots));
    const result = await execute({ schema: this.schema, document: parsed, variableValues: variables, contextValue });
    contextValue.reads.release();
    // Through JSON: records without prototype and getters become what clients get.
    return { ...result, ...(result.data && { data: JSON.parse(JSON.stringify(result.data)) }) };
  }

  /** Subscribes; fails where the stream is refused. */
  async follow(document: string): Promise<AsyncGenerator<ExecutionResult, void, void>> {
    const contextValue = this.context(new Reads(this.snapshots));
    const stream = await subscribe({ schema: this.schema, document: parse(document), contextValue });
    if (Symbol.asyncIterator in stream) return stream;
    throw stream.errors?.[0] ?? new Error('No stream.');
  }

  context(reads: Reads): SchemaContext {
    const { codec, log } = this.engine;
    const sources = { hub: this.#hub, log, codec, snapshots: this.snapshots };
    return {
      reads,
      log,
      send: (command, input, options) => this.engine.send(command, input, options),
      live: { rows: (wanted, start) => liveRows(sources, wanted, start), events: (wanted, after) => liveEvents(sources, wanted, after) },
    };
  }

  readonly snapshots: Snapshots = {
    take: async () => {
      this.trace.push('take');
      return snapshotOf(this.engine.rows, await this.engine.log.position(), this.trace);
    },
    close: () => {},
  };
}

/** A copy of all rows, as a snapshot must be. */
function snapshotOf(rows: MemoryRows, position: number, trace: string[]): Snapshot {
  const copies = new Map<Table, readonly AnyRow[]>();
  const all = (table: Table) => copies.get(table) ?? copies.set(table, [...rows.all(table)]).get(table) ?? [];
  const find = (table: Table, key: string) => all(table).find((row) => row[table.key] === key);
  return {
    position,
    row: (table, key) => find(table, key),
    rows: (table, keys) => {
      trace.push(`rows ${table.name} ${keys.length}`);
      return keys.map((key) => find(table, key));
    },
    page: (table, request) => {
      trace.push(`page ${table.name}`);
      return pageOf(table, all(table), request);
    },
    count: (table, conditions) => {
      trace.push(`count ${table.name}`);
      return all(table).filter((row) => matches(conditions, row)).length;
    },
    changes: () => undefined,
    release: () => trace.push('release'),
  };
}

function pageOf(table: Table, all: readonly AnyRow[], request: PageRequest): Page {
  const { conditions, orderBy, descending, count, fromEnd, after, before } = request;
  const value = (row: AnyRow) => Number(row[orderBy] instanceof Date ? row[orderBy].getTime() : row[orderBy]) || String(row[orderBy]);
  const isBefore = (a: AnyRow, b: AnyRow) => (value(a) === value(b) ? keyOf(table, a) < keyOf(table, b) : value(a) < value(b));
  const compare = (a: AnyRow, b: AnyRow) => (isBefore(a, b) === descending ? 1 : -1);
  const rows = all.filter((row) => matches(conditions, row)).sort(compare);
  const at = (cursor: string | undefined, otherwise: number) =>
    cursor === undefined ? otherwise : rows.findIndex((row) => cursorOf(table, request, row) === cursor);
  const [low, high] = [at(after, -1) + 1, at(before, rows.length)];
  const [start, end] = fromEnd ? [Math.max(low, high - count), high] : [low, Math.min(high, low + count)];
  return { rows: rows.slice(start, end), hasNextPage: end < rows.length, hasPreviousPage: start > 0 };
}
