import type { Position } from '#base';
import type { Recorded } from '#event';
import type { Change, Commit } from '#projector';
import { EventInterests, type EventsWanted, RowInterests, type RowsWanted } from './interests.ts';

/** Somebody who watches. */
export interface Watcher<T> {
  /** Takes the part of a commit that is watched, in order. */
  take(part: readonly T[]): void;
  /** Told where `take` threw: it missed something. */
  miss(): void;
}

/**
 * Tells live streams of each commit: whoever watches a row, a filter or a kind of event is found by an index and handed just what concerns it.
 * It keeps nothing: what a reader missed is read from the journal or the log.
 */
export class Hub {
  #position: Position;
  #closed = false;
  readonly #rows = new RowInterests<Watcher<Change>>();
  readonly #events = new EventInterests<Watcher<Recorded>>();
  readonly #waiting = new Set<() => void>();
  #head: () => Position;

  /** @param head the log's last position, where commits are made known a moment after they are made; left out: the last commit's */
  constructor(position: Position, head: () => Position = () => this.#position) {
    this.#position = position;
    this.#head = head;
  }

  /** The same, where that is known later; where others write to the log too, nobody here can say it at once. */
  readsAhead(head: (() => Position) | 'others write'): void {
    this.#head = head === 'others write' ? () => Number.POSITIVE_INFINITY : head;
  }

  /** The last commit's position. */
  get position(): Position {
    return this.#position;
  }

  /** False where the log has not come so far. Where others write to it, the log itself has to be asked. */
  hasReached(position: Position): boolean {
    return position <= this.#position || position <= this.#head();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How many watch. */
  get watching(): number {
    return this.#rows.size + this.#events.size;
  }

  /** Hands every change that may concern the wanted rows to the watcher, until it is stopped. */
  watchRows(wanted: RowsWanted, watcher: Watcher<Change>): () => void {
    return this.#rows.add(wanted, watcher);
  }

  /** Hands every event that may be wanted to the watcher, until it is stopped. */
  watchEvents(wanted: EventsWanted, watcher: Watcher<Recorded>): () => void {
    return this.#events.add(wanted, watcher);
  }

  /** Commits come in order, each before its commands are answered. Throws what watchers threw, when all have been told. */
  publish({ position, events, changes }: Commit): void {
    this.#position = position;
    const faults = [...tell(this.#rows.concerned(changes)), ...tell(this.#events.concerned(events))];
    for (const wake of this.#waiting) wake();
    if (faults.length > 0) throw new AggregateError(faults, `${faults.length} live streams could not take the commit at ${position}.`);
  }

  /** The same of a commit that is read only where somebody watches. Where it cannot be read, all who watch are told that they missed it; throws why. */
  publishOf(position: Position, read: () => Commit): void {
    let commit: Commit = { position, events: [], changes: [] };
    let broken: { readonly fault: unknown } | undefined;
    try {
      if (this.watching > 0) commit = read();
    } catch (fault) {
      broken = { fault };
    }
    this.publish(commit);
    if (!broken) return;
    this.#missAll();
    throw broken.fault;
  }

  /** The log has come so far, and nobody is told of it here: whoever watches reads what came from the log and the journal. */
  behind(position: Position): void {
    this.publish({ position, events: [], changes: [] });
    this.#missAll();
  }

  /** Rows have become others without any event: who follows some looks whether they are among them. */
  rebuilt(): void {
    for (const watcher of this.#rows.all()) watcher.miss();
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

  #missAll(): void {
    for (const watcher of [...this.#rows.all(), ...this.#events.all()]) watcher.miss();
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

/** A watcher with a bug misses what it is told; the others do not. */
function tell<T>(parts: ReadonlyMap<Watcher<T>, readonly T[]>): readonly unknown[] {
  const faults: unknown[] = [];
  for (const [watcher, part] of parts) {
    try {
      watcher.take(part);
    } catch (fault) {
      faults.push(fault);
      watcher.miss();
    }
  }
  return faults;
}
