import type { Position } from '#base';
import type { Chance } from '../streams/subscriber.ts';
import { nobodyKnows, nothingStored, type ShownRow } from './history.ts';
import type { Look, Outcome, Reach, Recorder } from './recorder.ts';
import { days, skus, type Wish } from './wishes.ts';

/** What a client over HTTP needs to know. */
export interface Surroundings {
  /** Where the server is; undefined while there is none. */
  readonly url: () => string | undefined;
  readonly recorder: Recorder;
  readonly chance: Chance;
  /** Codes of errors that nothing done to the servers explains; left out: only what no client is ever to be told. */
  readonly unexplained?: ReadonlySet<string>;
  /** How it is asked; left out: over the machine's own network. */
  readonly post?: Post;
}

/** Sends a request; where no answer came, says whether it was sent at all. */
export type Post = (url: string, body: string, headers: Readonly<Record<string, string>>) => Promise<Answered | Unanswered>;

type Unanswered = Extract<Outcome, { is: 'unknown' | 'unsent' }>;

const rowFields = {
  order: 'orderId status userId username total version',
  product: 'sku name price stock unitsSold version',
  dailySales: 'day orders units revenue',
};
type Kind = keyof typeof rowFields;
const tables = { order: 'orders', product: 'products', dailySales: 'dailySales' } as const;
const keys = { order: 'orderId', product: 'sku', dailySales: 'day' } as const;

/** Whoever waits for longer gives up. */
const patienceMs = 20_000;

/** Reaches the shop over HTTP, as a client does that now and then does not wait for its answer. */
export function reachOver(around: Surroundings): Reach {
  return {
    send: async (wish, commandId) => {
      const document = documentOf(wish);
      const asked = await ask(around, { query: document, variables: { input: wish.input, options: { commandId } } });
      if ('is' in asked) return asked;
      return outcomeOf(asked, around);
    },
    look: async (orderIds, atLeast) => {
      const asked = await ask(around, { query: lookDocument(orderIds.length), variables: variablesOf(orderIds) }, atLeast);
      return 'is' in asked ? undefined : lookOf(asked, orderIds, around.recorder);
    },
  };
}

type Row = NonNullable<ShownRow['row']>;

/** An answer as it came. */
export interface Answered {
  readonly status: number;
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string; readonly cause?: string; readonly position?: string; readonly replayed?: boolean };
  }[];
  readonly extensions?: { readonly position?: string };
}

/** Sends an operation; where no answer came, whether it was sent at all. */
async function ask({ url, chance, post }: Surroundings, body: object, atLeast: Position = 0): Promise<Answered | Unanswered> {
  const to = url();
  if (to === undefined) return { is: 'unsent' };
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(atLeast > 0 && { 'varve-at-least': String(atLeast) }),
  };
  if (post) return post(to, JSON.stringify(body), headers);
  const signal = AbortSignal.timeout(chance(60) === 0 ? 1 + chance(6) : patienceMs);
  try {
    const response = await fetch(to, { method: 'POST', headers, body: JSON.stringify(body), signal });
    return { status: response.status, ...((await response.json()) as Omit<Answered, 'status'>) };
  } catch (fault) {
    const { name, cause } = fault as Error & { readonly cause?: { readonly code?: string } };
    return cause?.code === 'ECONNREFUSED' ? { is: 'unsent' } : { is: 'unknown', why: cause?.code ?? name };
  }
}

const documents = new Map<string, string>();

function documentOf({ command, stream }: Wish): string {
  const known = documents.get(command);
  if (known !== undefined) return known;
  const type = `${command[0]?.toUpperCase()}${command.slice(1)}Input!`;
  const [kind] = stream.split('-', 1);
  const row =
    kind === 'order' || kind === 'product'
      ? ` ... on ${kind === 'order' ? 'Order' : 'Product'}Accepted { ${kind} { ${rowFields[kind]} } }`
      : '';
  const document = `mutation($input: ${type}, $options: CommandOptions) { answer: ${command}(input: $input, options: $options) { __typename ... on Accepted { position replayed }${row} ... on Rejection { code } } }`;
  documents.set(command, document);
  return document;
}

type Mutated = Readonly<Record<'__typename' | 'position' | 'code', string>> & { readonly replayed: boolean } & Partial<Record<Kind, Row>>;

function outcomeOf({ data, errors, extensions }: Answered, around: Surroundings): Outcome {
  const answer = data?.['answer'] as Mutated | undefined;
  if (!answer) return faultOf(errors, around);
  if (!answer.__typename.endsWith('Accepted')) return { is: 'refused', why: answer.code };
  const rows = (['order', 'product'] as const).flatMap((kind) => shown(kind, answer[kind]));
  // Where no row is shown nothing was read: the answer given again says its own position, however far the log is.
  const shownAt = rows.length > 0 && { shown: { position: Number(extensions?.position), rows } };
  return { is: 'accepted', position: Number(answer.position), replayed: answer.replayed, ...shownAt };
}

function faultOf(errors: Answered['errors'], { recorder, unexplained }: Surroundings): Outcome {
  const [error] = errors ?? [];
  const { code = 'no code', cause = code, position, replayed = false } = error?.extensions ?? {};
  const isUnexplained = unexplained?.has(cause) || !(nothingStored.has(cause) || nobodyKnows.has(cause));
  if (isUnexplained) recorder.fault(`A command was answered with ${cause}: ${error?.message}`);
  // It took effect, and only its row could not be read.
  if (code === 'ACCEPTED_UNREAD') return { is: 'accepted', position: Number(position), replayed };
  return { is: nothingStored.has(code) ? 'refused' : 'unknown', why: code };
}

const variablesOf = (orderIds: readonly string[]) => Object.fromEntries(orderIds.map((orderId, i) => [`o${i}`, orderId]));

function lookDocument(orders: number): string {
  const numbers = Array.from({ length: orders }, (_, i) => i);
  const parameters = orders > 0 ? `(${numbers.map((i) => `$o${i}: ID!`).join(', ')})` : '';
  const all = (field: string, kind: Kind) => `${field}(first: 50) { edges { node { ${rowFields[kind]} } } }`;
  const each = numbers.map((i) => `o${i}: order(orderId: $o${i}) { ${rowFields.order} }`);
  return `query${parameters} { ${all('products', 'product')} ${all('dailySales', 'dailySales')} ${each.join(' ')} }`;
}

/** Faults that a read may meet where nothing is lost. */
const passing: ReadonlySet<unknown> = new Set([
  'OVERLOADED',
  'SHUTTING_DOWN',
  'READ_TOO_LONG',
  'WRITER_BROKEN',
  'STORE_UNAVAILABLE',
  'SUPERSEDED',
  'REPLICA_BEHIND',
  'POSITION_NOT_REACHED',
]);

function lookOf({ data, errors, extensions }: Answered, orderIds: readonly string[], recorder: Recorder): Look | undefined {
  if (!data || errors) {
    const [error] = errors ?? [];
    if (!passing.has(error?.extensions?.code)) recorder.fault(`A read was answered with ${JSON.stringify(error)}`);
    return undefined;
  }
  const listed = (kind: Kind, field: string, wanted: readonly string[]): readonly ShownRow[] => {
    const rows = (data[field] as { edges: readonly { node: Row }[] }).edges.map(({ node }) => node);
    return wanted.map((key) => ({ table: tables[kind], key, row: rows.find((row) => row[keys[kind]] === key) ?? null }));
  };
  const orders = orderIds.map((key, i): ShownRow => ({ table: 'orders', key, row: (data[`o${i}`] as Row | null) ?? null }));
  const rows = [...listed('product', 'products', skus), ...listed('dailySales', 'dailySales', days), ...orders];
  return { position: Number(extensions?.position), rows };
}

const shown = (kind: Kind, row: Row | undefined): readonly ShownRow[] =>
  row ? [{ table: tables[kind], key: String(row[keys[kind]]), row }] : [];
