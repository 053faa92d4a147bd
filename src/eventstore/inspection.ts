import type { Position } from '#base';
import type { LogFinding } from './finding.ts';
import type { Awaitable, Head, Pages } from './port.ts';
import type { InspectedEvent } from './walk.ts';

/** A log as it stands, to be looked at, whoever writes to it meanwhile: nothing of it is locked, migrated or written. */
export interface LogInspection {
  /** What the store's own check finds, and what of the log's last event is said otherwise elsewhere. */
  integrity(): Awaitable<readonly LogFinding[]>;
  /** From here on all reads see one moment, which keeps the store from cleaning up until it is closed. */
  hold(): Awaitable<void>;
  head(): Awaitable<Head>;
  /** The hash of the event at a position, null where it has none; undefined where there is no event. */
  hashAt(position: Position): Awaitable<string | null | undefined>;
  /** The events after a position up to another. */
  pages(after: Position, last: Position): Pages<InspectedEvent>;
  /** The position that a command's receipt names; undefined where it has none. */
  receiptOf(commandId: string): Awaitable<Position | undefined>;
  /** What is wrong across events: versions, and tags and receipts that belong to none. */
  strays(): Iterable<LogFinding> | AsyncIterable<LogFinding>;
  close(): Awaitable<void>;
}
