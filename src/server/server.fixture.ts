import { Writable } from 'node:stream';
import {
  type GraphQLFieldConfigMap,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { pino } from 'pino';
import { assert, VarveError } from '#base';
import { type Delivery, type Feed, type GoingOn, LiveStream } from '#livestream';
import type { ListeningOptions, RunningServer } from './options.ts';
import { startServer } from './server.ts';

/** What the tests' resolvers are handed. */
export interface TestContext {
  readonly number: number;
  readonly host: string | null;
  readonly reached: GoingOn | undefined;
}

/** What happened in a test's server. */
export interface Seen {
  contexts: number;
  released: number[];
  /** Feeds that were watched, and that are watched no more. */
  watched: number;
  returned: number;
  logs: Record<string, unknown>[];
  /** From this position on, what a tick leads to cannot be read just now. */
  awayFrom?: number | undefined;
  /** Lets `{ slow }` answer. */
  letGo(): void;
}

const page = { first: { type: GraphQLInt }, last: { type: GraphQLInt } };

function fieldsOf(gate: Promise<void>): GraphQLFieldConfigMap<unknown, TestContext> {
  const fail = (error: unknown) => ({
    type: GraphQLString,
    resolve: () => {
      throw error;
    },
  });
  const leaf = (name: string): GraphQLFieldConfigMap<unknown, TestContext> => ({ [name]: { type: GraphQLString, resolve: () => name } });
  const item: GraphQLObjectType<unknown, TestContext> = new GraphQLObjectType({
    name: 'Item',
    fields: () => ({
      ...leaf('name'),
      again: { type: item, resolve: () => ({}) },
      items: { type: new GraphQLList(item), args: page, resolve: () => [{}] },
      parts: { type: new GraphQLList(item), resolve: () => [{}] },
    }),
  });
  return {
    ...leaf('hello'),
    item: { type: item, args: { x: { type: GraphQLInt } }, resolve: () => ({}) },
    items: { type: new GraphQLList(item), args: page, resolve: () => [{}] },
    nodes: { type: new GraphQLList(item), args: { ids: { type: new GraphQLNonNull(new GraphQLList(GraphQLString)) } }, resolve: () => [] },
    add: { type: GraphQLInt, args: { a: { type: new GraphQLNonNull(GraphQLInt) } }, resolve: (_, { a }) => a },
    host: { type: GraphQLString, resolve: (_, __, { host }) => host },
    full: fail(new VarveError({ code: 'STORAGE_FULL', message: 'The disk is full.', hint: 'Make room.', retryable: true })),
    bug: fail(new VarveError({ code: 'BUG', message: 'secret', hint: 'secret' })),
    crash: fail(new Error('secret')),
    badInt: { type: GraphQLInt, resolve: () => 'secret' },
    noJson: { type: GraphQLInt, resolve: () => 1 },
    slow: { type: GraphQLString, resolve: () => gate.then(() => 'slow') },
  };
}

function tickField(seen: Seen) {
  const related = ({ position }: Tick): string => {
    if (Number(position) >= (seen.awayFrom ?? Number.POSITIVE_INFINITY)) throw overloaded();
    return `of ${position}`;
  };
  const text = { type: GraphQLString };
  const tick = new GraphQLObjectType({ name: 'Tick', fields: { position: text, text, related: { ...text, resolve: related } } });
  return {
    type: tick,
    args: {
      count: { type: GraphQLInt, defaultValue: 1_000_000 },
      after: { type: GraphQLInt, defaultValue: 0 },
      broken: { type: GraphQLInt },
      busy: { type: GraphQLInt },
      size: { type: GraphQLInt, defaultValue: 1 },
    },
    resolve: (value: unknown) => value,
    subscribe: (_: unknown, { after = 0, ...args }: TickArgs, { reached = { position: after } }: TestContext) =>
      new LiveStream(ticks(seen, args), { snapshotRowsMax: 0, ...(reached !== 'anew' && { after: reached }) }),
  };
}

const overloaded = () => new VarveError({ code: 'OVERLOADED', message: 'Too much.', hint: 'Wait.', retryable: true });

interface TickArgs {
  readonly after?: number;
  readonly count?: number;
  readonly broken?: number;
  readonly busy?: number;
  readonly size?: number;
}
interface Tick {
  readonly position: string;
  readonly text: string;
}

/** Positions from 1, one a millisecond while somebody watches; breaks at `broken`, is quiet after `count`. */
function ticks(seen: Seen, { count = 0, broken, busy, size = 1 }: TickArgs): Feed<Tick> {
  let position = 0;
  const tick = (at: number): Delivery<Tick> => ({
    message: { position: String(at), text: 'x'.repeat(size) },
    position: at,
    key: '',
    reached: { position: at },
  });
  return {
    name: JSON.stringify([count, broken, busy, size]),
    position: () => position,
    begin: async () => ({ deliveries: [], reached: { position } }),
    missed: async (after) => {
      if (broken !== undefined) throw new Error('secret');
      if (busy !== undefined) throw overloaded();
      const missed = Array.from({ length: Math.max(0, position - after.position) }, (_, i) => tick(after.position + i + 1));
      return { deliveries: missed, reached: { position: Math.max(position, after.position) }, isAll: true };
    },
    watch: (take) => {
      seen.watched += 1;
      const timer = setInterval(() => {
        if (position >= count) return;
        position += 1;
        take([tick(position)]);
      }, 1);
      return () => {
        clearInterval(timer);
        seen.returned += 1;
      };
    },
    resync: () => undefined,
  };
}

/** A server for tests, on a free port, with a schema that can do what the tests need. */
export async function startTestServer(
  options: Partial<ListeningOptions<TestContext>> = {},
): Promise<RunningServer & { seen: Seen; endpoint: string }> {
  const gate = Promise.withResolvers<void>();
  const seen: Seen = { contexts: 0, released: [], watched: 0, returned: 0, logs: [], letGo: gate.resolve };
  const fields = fieldsOf(gate.promise);
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: { hello: { type: GraphQLString, resolve: () => 'done' } } }),
    subscription: new GraphQLObjectType({ name: 'Subscription', fields: { tick: tickField(seen) } }),
  });
  const server = await startServer<TestContext>({
    schema,
    context: ({ headers, reached }) => ({ number: ++seen.contexts, host: headers.host ?? null, reached }),
    waitFor: async (position) => position <= 7,
    positionSeen: () => 7,
    release: ({ number }) => seen.released.push(number),
    health: () => ({ status: 'ok', position: 7, store: 'memory' }),
    port: 0,
    logger: pino({ level: 'error' }, new Writable({ write: (line, _, done) => done(void seen.logs.push(JSON.parse(String(line)))) })),
    ...options,
  });
  return { ...server, seen, endpoint: `${server.url}/graphql` };
}

/** Asks a query as clients do. */
export function post(endpoint: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** A refused answer's first error. */
export async function errorOf(response: Response): Promise<{ message: string; extensions: Record<string, unknown> }> {
  const { errors } = await response.json();
  assert(Array.isArray(errors) && errors.length > 0, 'The answer has no errors.');
  return errors[0];
}

/** Waits until it holds, at most two seconds or as long as is said. */
export async function until(holds: () => boolean, timeoutMs = 2_000): Promise<void> {
  for (let tries = 0; tries < timeoutMs / 10 && !holds(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  assert(holds(), 'It did not come about.');
}
