import type { Position } from '#base';
import type { Recorded } from '#event';
import type { Change, Commit } from '#projector';
import { EventInterests, type EventsWanted, RowInterests, type RowsWanted } from './interests.ts';

/** Takes the part of a commit that somebody watches, in order. */
type Take<T> = (part: readonly T[]) => void;

/**
 * Tells live streams of each commit: whoever watches a row, a filter or a kind of event is found by an index and handed just what concerns it.
 * It keeps nothing: what a reader missed is read from the journal or the log.
 */
export class Hub {
  #position: Position;
  #closed = false;
  readonly #rows = new RowInterests<Take<Change>>();
  readonly #events = new EventInterests<Take<Recorded>>();
  readonly #waiting = new Set<() => void>();

  constructor(position: Position) {
    this.#position = position;
  }

  /** The last commit's position. */
  get position(): Position {
    return this.#position;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How many watch. */
  get watching(): number {
    return this.#rows.size + this.#events.size;
  }

  /** Hands every change that may concern the wanted rows to `take`, until it is stopped. */
  watchRows(wanted: RowsWanted, take: Take<Change>): () => void {
    return this.#rows.add(wanted, take);
  }

  /** Hands every event that may be wanted to `take`, until it is stopped. */
  watchEvents(wanted: EventsWanted, take: Take<Recorded>): () => void {
    return this.#events.add(wanted, take);
  }

  /** Commits come in order, each before its commands are answered. */
  publish({ position, events, changes }: Commit): void {
    this.#position = position;
    for (const [take, part] of this.#rows.concerned(changes)) take(part);
    for (const [take, part] of this.#events.concerned(events)) take(part);
    for (const wake of this.#waiting) wake();
  }

  /** Resolves once the log is past the position, the hub is closed or the signal is given. */
  async past(position: Position, signal: AbortSignal): Promise<void> {
    while (this.#position <= position && !this.#closed && !signal.aborted) await this.#commitOr(signal);
  }

  /** Lets go of whoever waits. */
  close(): void {
    this.#closed = true;
    for (const wake of this.#waiting) wake();
  }

  async #commitOr(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake);
    await promise;
    signal.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
  }
}
