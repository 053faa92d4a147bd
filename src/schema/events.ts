import type { GraphQLResolveInfo } from 'graphql';
import { z } from 'zod';
import { type Awaitable, andThen, assert, limits, type Position, parsePosition } from '#base';
import type { EventCodec, Recorded } from '#event';
import type { Query, StoredEvent } from '#eventstore';
import type { Builder } from './builder.ts';
import { type Connection, pageInfo } from './connection.ts';
import type { SchemaContext } from './context.ts';
import { badInput, pageTooLarge } from './faults.ts';
import { type Arguments, countOf } from './paging.ts';
import { fieldsBelow } from './selection.ts';
import { type Fields, optionalField, scalar } from './shape.ts';

/** Names of types that are shown to whoever named another. */
const typesShownMax = 20;

const first = optionalField(scalar('Int'), `So many, at most ${limits.pageRowsMax}; left out: ${limits.pageRowsDefault}.`);

/** Arguments of a page of one object's events. */
export const historyFields: Fields = {
  first,
  after: optionalField(scalar('String'), 'Only events after this cursor, which is a position.'),
};

/** Arguments that choose events of the log. */
export const eventFilterFields: Fields = {
  after: optionalField(scalar('Position'), 'Only events after this position.'),
  types: optionalField({ kind: 'list', of: scalar('String') }, `Only events of these types, at most ${limits.filterListMax} of them.`),
  stream: optionalField(scalar('String'), 'Only events of this stream, such as "order-536365".'),
};

/** Arguments of a page of the log. */
export const logFields: Fields = { first, ...eventFilterFields };

/** What a client chose by {@link eventFilterFields}. */
export interface EventChoice {
  readonly after?: Position;
  readonly types?: readonly string[];
  readonly stream?: string;
}

/** Reads {@link eventFilterFields}. Throws `PAGE_TOO_LARGE` where too many types are named, `BAD_USER_INPUT` where one is none. */
export function eventChoice({ definitions }: EventCodec, { after, types, stream }: Arguments): EventChoice {
  const names = Array.isArray(types) ? types.map(String) : undefined;
  if (names && names.length > limits.filterListMax) throw pageTooLarge('`types`', names.length, limits.filterListMax);
  const unknown = names?.find((name) => !definitions.has(name));
  // Nothing would ever match it, and a stream that waits for it looks just like one on which nothing happens.
  if (unknown !== undefined)
    throw badInput(
      `There is no event of the type ${JSON.stringify(unknown.slice(0, limits.idLengthMax))}.`,
      `Types are named as an event's \`type\` says them: ${[...definitions.keys()].slice(0, typesShownMax).join(', ')} and so on.`,
    );
  return { ...(typeof after === 'number' && { after }), ...(names && { types: names }), ...(typeof stream === 'string' && { stream }) };
}

/** The query of the log that a choice makes. */
export function queryOf({ types, stream }: EventChoice): Query {
  if (types === undefined && stream === undefined) return 'all';
  // No type at all is a choice too: of nothing.
  return types?.length === 0 ? [] : [{ ...(types && { types }), ...(stream !== undefined && { stream }) }];
}

/** A history's `after`: a cursor, which is a position in digits. Throws `BAD_POSITION`. */
export const afterCursor = (after: unknown): Position | undefined => (typeof after === 'string' ? parsePosition(after) : undefined);

/** An event as the API shows it. */
export interface ShownEvent extends Omit<Recorded, 'category' | 'id'> {
  /** Of an event on a page: characters of JSON that its data has. */
  readonly dataLength?: number;
}

/** Characters of events' data that take as long as one field of an answer: to be answered, and to be read from the log alone. */
const charactersPerField = { answered: 25, read: 250 } as const;

/** An event's data may be far larger than all the rest of it, so it is decoded where it is asked for. */
function shown(codec: EventCodec, stored: StoredEvent): ShownEvent {
  const { data: text, ...rest } = stored;
  return {
    ...rest,
    dataLength: text.length,
    get data() {
      return codec.decode(stored).data;
    },
  };
}

/** A page of events, none of them later than what the operation's other reads see. Throws `DOCUMENT_TOO_COSTLY` where the answer has grown too large. */
export function eventPage(
  { reads, log }: SchemaContext,
  info: GraphQLResolveInfo,
  codec: EventCodec,
  query: Query,
  { first, after = 0 }: { readonly first: unknown; readonly after: Position | undefined },
): Awaitable<Connection<ShownEvent>> {
  const count = countOf('first', first);
  const budget = reads.budgetOf(info.rootValue);
  // Read in the snapshot's turn: what this page comes to is counted before the next one is read.
  return reads.read(({ position: upTo }) => {
    budget.spend(0);
    return andThen(log.read(query, { after, limit: count + 1 }), (read) => {
      const found = read.filter(({ position }) => position <= upTo);
      const edges = found.slice(0, count).map((stored) => ({ cursor: String(stored.position), node: shown(codec, stored) }));
      const characters = read.reduce((sum, { data }) => sum + data.length, 0);
      budget.spend(edges.length * fieldsBelow(info) + characters / charactersPerField.read);
      return andThen(after > 0 ? log.read(query, { limit: 1 }) : [], ([earliest]) => {
        const hasPreviousPage = earliest !== undefined && earliest.position <= after;
        return { edges, pageInfo: pageInfo(edges, found.length > count, hasPreviousPage) };
      });
    });
  });
}

/** Declares `Event` and `EventConnection`. */
export function addEventTypes(builder: Builder, codec: EventCodec) {
  const type = builder.objectRef<ShownEvent>('Event').implement({
    description: 'A fact that happened, as the log has it. Never changed.',
    fields: (t) => ({
      eventId: t.exposeID('eventId', { description: 'UUID.' }),
      position: t.expose('position', { type: 'Position', description: 'Its place in the log.' }),
      stream: t.exposeString('stream', { description: 'Aggregate and its id: order-536365.' }),
      version: t.exposeInt('version', { description: 'From 1, without a gap, in each stream.' }),
      type: t.exposeString('type', { description: 'What happened: OrderPlaced.' }),
      data: t.field({
        type: 'JSON',
        description: 'What the event says, in the present shape of its type (see events.json).',
        resolve: (event, _, { reads }, { rootValue }) => {
          reads.budgetOf(rootValue).spend((event.dataLength ?? 0) / charactersPerField.answered);
          return dataOf(codec, event);
        },
      }),
      recordedAt: t.expose('recordedAt', { type: 'DateTime', description: 'When it was written.' }),
      commandId: t.id({ description: 'The command that caused it.', resolve: ({ metadata }) => metadata.commandId }),
      correlationId: t.id({
        description: "The conversation it belongs to: the first command's id, handed on.",
        resolve: ({ metadata }) => metadata.correlationId,
      }),
      causationId: t.id({
        nullable: true,
        description: 'The event or command that led to its command, where one did.',
        resolve: ({ metadata }) => metadata.causationId,
      }),
      actor: t.string({
        nullable: true,
        description: 'Who sent the command; null where nobody signed in.',
        resolve: ({ metadata }) => metadata.actor,
      }),
    }),
  });
  const connection = builder.connectionObject(
    { name: 'EventConnection', type, description: 'A page of events, oldest first.' },
    { description: 'One event on its page.' },
  );
  return { type, connection };
}

/** An event's data in its outer form: decimals and moments are text again. */
function dataOf(codec: EventCodec, { type, data }: ShownEvent): unknown {
  const definition = codec.definitions.get(type);
  assert(definition, `The event ${type} is in no catalogue.`);
  return z.encode<z.core.$ZodType<unknown, unknown>>(definition.shape, data);
}
