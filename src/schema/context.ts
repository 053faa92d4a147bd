import type { Outcome, SendOptions } from '#command';
import type { Command } from '#decider';
import type { Recorded } from '#event';
import type { EventReader } from '#eventstore';
import type { EventFilter, RowFilter, RowMessage, RowStart } from '#livestream';
import type { Reads } from './reads.ts';

/** Where subscriptions read. */
export interface LiveSources {
  /** Rows, live: a snapshot, then every change. */
  rows(filter: RowFilter, start: RowStart): AsyncIterable<RowMessage>;
  /** The log, live. */
  events(filter: EventFilter): AsyncIterable<Recorded>;
}

/** What every resolver is handed: all that the API stands on, for one operation. */
export interface SchemaContext {
  /** Decides a command; its input is as the client sent it. */
  send(command: Command, input: unknown, options: Pick<SendOptions, 'commandId' | 'expectedVersion'>): Promise<Outcome>;
  readonly reads: Reads;
  readonly log: Pick<EventReader, 'read'>;
  readonly live: LiveSources;
}
