import { type Awaitable, andThen, limits, type Position } from '#base';
import type { EventCodec, Recorded } from '#event';
import type { EventReader } from '#eventstore';
import type { Change } from '#projector';
import { type AnyRow, type JournalPage, keyOf, matches, type Reached, readOnce, type Snapshot, type Snapshots } from '#readtable';
import type { Beginning, Delivery, Feed, Missed } from './feed.ts';
import type { Hub } from './hub.ts';
import type { RowsWanted } from './interests.ts';

/** One message of a stream of rows. */
export interface RowMessage {
  readonly kind: 'SNAPSHOT' | 'CHANGED' | 'REMOVED' | 'RESYNC';
  readonly position: Position;
  /** Empty where the message is about the whole stream. */
  readonly key: string;
  readonly row: AnyRow | undefined;
  /** The event that made the change; undefined in a SNAPSHOT and in a RESYNC. */
  readonly cause: Recorded | undefined;
}

/** Where live streams read. */
export interface Sources {
  readonly hub: Hub;
  readonly snapshots: Snapshots;
  readonly log: Pick<EventReader, 'read' | 'position'>;
  readonly codec: EventCodec;
}

type RowDelivery = Delivery<RowMessage>;

/** A change of one row, wherever it was read. */
interface Seen {
  readonly position: Position;
  readonly key: string;
  readonly before: AnyRow | undefined;
  readonly after: AnyRow | undefined;
}

/** Rows as a feed: the present from a snapshot, the past from the journal, and what comes from the hub. */
export function rowFeed(sources: Sources, wanted: RowsWanted): Feed<RowMessage> {
  const { hub, snapshots } = sources;
  const hasSnapshot = (rowsMax: number): boolean => wanted.key !== undefined || rowsMax > 0;
  return {
    name: nameOf(wanted),
    position: () => hub.position,
    watch: (take, miss) =>
      hub.watchRows(wanted, {
        take: (changes) => {
          const deliveries = deliveriesOf(changes, wanted);
          if (deliveries.length > 0) take(deliveries);
        },
        miss,
      }),
    begin: async (rowsMax) =>
      hasSnapshot(rowsMax)
        ? readOnce(snapshots, (snapshot) => beginning(snapshot, wanted, rowsMax))
        : { deliveries: [], reached: { position: hub.position } },
    missed: async (after, messagesMax) => {
      const count = Math.min(messagesMax, limits.journalPageChangesMax);
      const found = await readOnce(snapshots, (snapshot) => journaled(snapshot, wanted, after, count));
      return found && { ...found, deliveries: await withCauses(sources, found.deliveries) };
    },
    resync: (rowsMax) => {
      const { position } = hub;
      return deliver('RESYNC', position, '', undefined, hasSnapshot(rowsMax) ? undefined : { position });
    },
  };
}

const nameOf = ({ table, key, conditions }: RowsWanted) => JSON.stringify([table.name, key ?? null, conditions]);

function beginning(snapshot: Snapshot, { table, key, conditions }: RowsWanted, rowsMax: number): Awaitable<Beginning<RowMessage>> {
  const { position } = snapshot;
  const reached = { position };
  if (key !== undefined)
    return andThen(snapshot.row(table, key), (row) => {
      const wanted = row && matches(conditions, row) ? row : undefined;
      return { deliveries: [deliver('SNAPSHOT', position, key, wanted, reached)], reached };
    });
  const request = { conditions, orderBy: table.key, descending: false, count: rowsMax, fromEnd: false };
  return andThen(snapshot.page(table, request), ({ rows }) => {
    const deliveries = rows.map((row, i) =>
      // Cut off before the last of them, a reader has not seen how things stood: it begins anew.
      deliver('SNAPSHOT', position, keyOf(table, row), row, i === rows.length - 1 ? reached : undefined),
    );
    return { deliveries, reached };
  });
}

function deliver(
  kind: 'SNAPSHOT' | 'RESYNC',
  position: Position,
  key: string,
  row: AnyRow | undefined,
  reached: Reached | undefined,
): RowDelivery {
  return { message: { kind, position, key, row, cause: undefined }, position, key, reached };
}

/** A commit's changes as messages. */
function deliveriesOf(changes: readonly Change[], wanted: RowsWanted): readonly RowDelivery[] {
  const messages = changes.flatMap((change) => messageOf({ ...change, position: change.cause.position }, wanted, change.cause) ?? []);
  return messages.map((message, i) => placed(message, messages[i + 1]?.position !== message.position));
}

/** One page of the journal; `cause` is not looked up yet. */
function journaled(snapshot: Snapshot, wanted: RowsWanted, after: Reached, count: number): Awaitable<Missed<RowMessage> | undefined> {
  const { table, key } = wanted;
  const { position } = snapshot;
  return andThen(
    snapshot.changes(table, { after, count, ...(key !== undefined && { key }) }),
    (page) => page && missedOf(page, wanted, { position: Math.max(after.position, position) }),
  );
}

/** A page's messages; one that has no more after it brings a reader to `end`. */
function missedOf({ changes, hasMore }: JournalPage, wanted: RowsWanted, end: Reached): Missed<RowMessage> {
  const last = changes.at(-1);
  const messages = changes.flatMap((change) => messageOf(change, wanted, undefined) ?? []);
  const deliveries = messages.map((message, i) => {
    const next = messages[i + 1]?.position ?? (hasMore ? last?.position : undefined);
    return placed(message, next !== message.position);
  });
  return {
    deliveries,
    reached: hasMore && last ? { position: last.position, key: last.key } : end,
    isAll: !hasMore,
  };
}

/** Of several messages of one position only the last one brings a reader past it. */
function placed(message: RowMessage, isLast: boolean): RowDelivery {
  const { position, key } = message;
  return { message, position, key, reached: isLast ? { position } : { position, key } };
}

function messageOf({ position, key, before, after }: Seen, wanted: RowsWanted, cause: Recorded | undefined): RowMessage | undefined {
  const { conditions } = wanted;
  if (after && matches(conditions, after)) return { kind: 'CHANGED', position, key, row: after, cause };
  return before && matches(conditions, before) ? { kind: 'REMOVED', position, key, row: undefined, cause } : undefined;
}

async function withCauses({ log, codec }: Sources, deliveries: readonly RowDelivery[]): Promise<readonly RowDelivery[]> {
  const causes = new Map<Position, Recorded>();
  // At the same time: a store that is far away is not waited for once for each.
  const reading = [...new Set(deliveries.map((one) => one.position))].map(async (position) => {
    const [stored] = await log.read('all', { after: position - 1, limit: 1 });
    if (stored) causes.set(position, codec.decode(stored));
  });
  await Promise.all(reading);
  return deliveries.map((one) => ({ ...one, message: { ...one.message, cause: causes.get(one.position) } }));
}
