import { type ExecutionArgs, type ExecutionResult, type GraphQLSchema, getOperationAST, parse, subscribe, validate } from 'graphql';
import type { Application } from '#application';
import { andThen, fixedClock } from '#base';
import { openMemoryEngine } from '#command';
import { Hub, liveEvents, liveRows } from '#livestream';
import type { AnyRow, PageRequest, Snapshot, Snapshots, Table } from '#readtable';
import { asTested } from '../readtable/late.fixture.ts';
import { Both } from '../server/compiled/both.fixture.ts';
import { buildSchema } from './build.ts';
import type { SchemaContext } from './context.ts';
import { Reads } from './reads.ts';

/** An application in memory, asked by GraphQL: without HTTP, without SQL. */
export class Playroom {
  readonly schema: GraphQLSchema;
  /** What was read: `row`, `rows 3`, `page`, `count`; and snapshots: `take`, `release`. */
  readonly trace: string[] = [];
  readonly engine;
  readonly #both: Both;
  readonly #hub = new Hub(0);
  readonly #clock = fixedClock(new Date('2026-11-01T10:00:00Z'));

  constructor(application: Application) {
    this.schema = buildSchema(application);
    this.#both = new Both(this.schema);
    const engine = openMemoryEngine(application, { clock: this.#clock, onCommit: (commit) => this.#hub.publish(commit) });
    this.engine = { ...engine, snapshots: asTested(engine.snapshots) };
  }

  /** Runs one operation and gives its result as a client would see it. A query is run by graphql-js too, on whole rows, to the same result. */
  async run(document: string, variables: Readonly<Record<string, unknown>> = {}): Promise<ExecutionResult> {
    const parsed = parse(document);
    const errors = validate(this.schema, parsed);
    if (errors.length > 0) return { errors };
    const args = (contextValue: SchemaContext): ExecutionArgs => ({
      schema: this.schema,
      document: parsed,
      variableValues: variables,
      contextValue,
    });
    const result = await this.within(this.snapshots, (context) => this.#both.compiled.execute(args(context)));
    if (getOperationAST(parsed)?.operation === 'query') {
      await this.within(this.engine.snapshots, (context) => this.#both.expectPlain(args(context), result));
    }
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

  /** Does the work of one operation. */
  async within<T>(snapshots: Snapshots, work: (context: SchemaContext) => T | Promise<T>): Promise<T> {
    const reads = new Reads(snapshots);
    try {
      return await work(this.context(reads));
    } finally {
      reads.end();
    }
  }

  context(reads: Reads): SchemaContext {
    const { codec, log } = this.engine;
    const sources = { hub: this.#hub, log, codec, snapshots: this.snapshots };
    return {
      reads,
      accepted: new Map(),
      log,
      send: (command, input, options) => this.engine.send(command, input, options),
      live: { rows: (wanted, start) => liveRows(sources, wanted, start), events: (wanted, after) => liveEvents(sources, wanted, after) },
    };
  }

  readonly snapshots: Snapshots = {
    take: async () => {
      this.trace.push('take');
      return traced(await this.engine.snapshots.take(), this.trace);
    },
    close: () => {},
  };
}

/** No more of a row than what was asked for, as SQL reads it: of lists, only those of one entry. In memory rows are whole. */
function askedOf({ key }: Table, { orderBy, columns }: PageRequest, row: AnyRow): AnyRow {
  const isRead = ([name, value]: readonly [string, unknown]) =>
    name === key || name === orderBy || (columns?.includes(name) !== false && !(Array.isArray(value) && value.length > 1));
  return Object.fromEntries(Object.entries(row).filter(isRead));
}

/** The snapshot, with a note of each read, and with no more than was asked for. */
function traced(snapshot: Snapshot, trace: string[]): Snapshot {
  return {
    position: snapshot.position,
    row: (table, key) => snapshot.row(table, key),
    rows: (table, keys) => {
      trace.push(`rows ${table.name} ${keys.length}`);
      return snapshot.rows(table, keys);
    },
    page: (table, request) => {
      trace.push(`page ${table.name}`);
      return andThen(snapshot.page(table, request), ({ rows, ...page }) => ({
        ...page,
        rows: rows.map((row) => askedOf(table, request, row)),
      }));
    },
    count: (table, conditions) => {
      trace.push(`count ${table.name}`);
      return snapshot.count(table, conditions);
    },
    changes: (table, request) => snapshot.changes(table, request),
    release: () => {
      trace.push('release');
      snapshot.release();
    },
  };
}
