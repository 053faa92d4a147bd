import type { Recorded } from '#event';
import type { Reached } from '#readtable';
import { assertReached } from './after.ts';
import { eventFeed } from './events.ts';
import type { Feed, Start } from './feed.ts';
import type { EventsWanted, RowsWanted } from './interests.ts';
import { iterate } from './iterate.ts';
import { type RowMessage, rowFeed, type Sources } from './rows.ts';

/** A live stream that somebody asked for: which feed, and where it begins. Nothing runs, and nothing is held, until it is read. */
export class LiveStream<M = unknown> implements AsyncIterable<M> {
  readonly feed: Feed<M>;
  readonly start: Start;

  constructor(feed: Feed<M>, start: Start) {
    this.feed = feed;
    this.start = start;
  }

  /** Reads it alone. Many readers of one feed are served by one `Tail` instead. */
  [Symbol.asyncIterator](): AsyncGenerator<M, void, undefined> {
    return iterate(this.feed, this.start);
  }
}

/** Rows, live: a snapshot, then every change after it, once, in order; where that cannot be, RESYNC and a snapshot anew (P6). Throws `POSITION_AHEAD`. */
export function liveRows(sources: Sources, wanted: RowsWanted, start: Start): LiveStream<RowMessage> {
  assertReached(start.after, sources.hub);
  return new LiveStream(rowFeed(sources, wanted), start);
}

/** The log, live: every event after a position, once, in order. Throws `POSITION_AHEAD`. */
export function liveEvents(sources: Omit<Sources, 'snapshots'>, wanted: EventsWanted, after?: Reached): LiveStream<Recorded> {
  assertReached(after, sources.hub);
  return new LiveStream(eventFeed(sources, wanted), { snapshotRowsMax: 0, ...(after && { after }) });
}
