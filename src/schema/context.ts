import type { Awaitable } from '#base';
import type { Accepted, Outcome, SendOptions } from '#command';
import type { Command } from '#decider';
import type { Recorded } from '#event';
import type { EventReader } from '#eventstore';
import type { EventsWanted, GoingOn, LiveStream, RowMessage, RowsWanted, Start } from '#livestream';
import type { Reached } from '#readtable';
import type { Reads } from './reads.ts';

/** Where subscriptions read. */
interface LiveSources {
  /** Rows, live: a snapshot, then every change. */
  rows(wanted: RowsWanted, start: Start): Awaitable<LiveStream<RowMessage>>;
  /** The log, live, after a place; left out: from now on. */
  events(wanted: EventsWanted, after?: Reached): Awaitable<LiveStream<Recorded>>;
  /** Where the transport says that the reader goes on: it wins over what the arguments say. */
  readonly reached?: GoingOn;
}

/** What every resolver is handed: all that the API stands on, for one operation. */
export interface SchemaContext {
  /** Decides a command; its input is as the client sent it. */
  send(command: Command, input: unknown, options: Pick<SendOptions, 'commandId' | 'expectedVersion'>): Promise<Outcome>;
  readonly reads: Reads;
  /** The commands of the operation that were accepted so far, by the names of their fields in the answer; `isRepeatable`: their sender gave them an id. */
  readonly accepted: Map<string | number, Pick<Accepted, 'position' | 'replayed'> & { readonly isRepeatable: boolean }>;
  readonly log: Pick<EventReader, 'read'>;
  readonly live: LiveSources;
}
