import { limits, systemTimers, type Timers, VarveError } from '#base';
import type { Snapshot } from './read.ts';

/** What may be set of pooled snapshots. */
export interface SnapshotsOptions {
  /** How many snapshots may be out at a time, each on a connection of its own; left out: `limits.snapshotsMax`. */
  readonly size?: number;
  /** How many may wait for one; left out: `limits.snapshotsWaitingMax`. */
  readonly waitingMax?: number;
  /** How long one may wait; left out: `limits.snapshotWaitMs`. */
  readonly waitMs?: number;
  /** How long one may be kept at least, before its reads are refused; left out: `limits.snapshotHoldMs`. */
  readonly holdMs?: number;
  readonly timers?: Timers;
}

/** The options, with what is left out. */
export type Bounds = Required<SnapshotsOptions>;

/** Fills in what is left out. */
export const boundsOf = ({
  size = limits.snapshotsMax,
  waitingMax = limits.snapshotsWaitingMax,
  waitMs = limits.snapshotWaitMs,
  holdMs = limits.snapshotHoldMs,
  timers = systemTimers,
}: SnapshotsOptions): Bounds => ({ size, waitingMax, waitMs, holdMs, timers });

/** One who waits for a snapshot. */
export interface Waiting {
  readonly resolve: (snapshot: Snapshot) => void;
  readonly reject: (fault: unknown) => void;
  readonly callOff: () => void;
}

/** Those who wait for a snapshot, in the order of their coming. */
export class WaitingLine {
  readonly #bounds: Bounds;
  readonly #waiting = new Set<Waiting>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get length(): number {
    return this.#waiting.size;
  }

  /** Where all snapshots are held for so long, it is better that the others hear of it than that they hang. Throws `OVERLOADED`. */
  wait(): Promise<Snapshot> {
    const { waitingMax, waitMs, timers } = this.#bounds;
    if (this.#waiting.size >= waitingMax) throw overloaded(`${waitingMax} reads are waiting already.`);
    return new Promise((resolve, reject) => {
      const tooLong = () => this.wake(waiting)?.reject(overloaded(`No turn to read came within ${waitMs / 1_000} s.`));
      const waiting: Waiting = { resolve, reject, callOff: timers.after(waitMs, tooLong) };
      this.#waiting.add(waiting);
    });
  }

  /** Takes one out of the line, who is to be told then; undefined where he is not in it any more. */
  wake(waiting: Waiting): Waiting | undefined {
    if (!this.#waiting.delete(waiting)) return undefined;
    waiting.callOff();
    return waiting;
  }

  /** Those who wait now. */
  all(): readonly Waiting[] {
    return [...this.#waiting];
  }

  /** Tells all of them that nothing comes any more. */
  close(): void {
    for (const waiting of this.all()) this.wake(waiting)?.reject(shuttingDown());
  }
}

const overloaded = (message: string) => new VarveError({ code: 'OVERLOADED', message, hint: 'Ask again in a moment.', retryable: true });

/** A snapshot was kept for too long. */
export const readTooLong = () =>
  new VarveError({
    code: 'READ_TOO_LONG',
    message: 'What was read was kept for too long before the rest of it was asked for.',
    hint: 'Ask again; ask for less at a time where it comes again.',
    retryable: true,
  });

/** Whoever asks after the end. */
export const shuttingDown = () =>
  new VarveError({
    code: 'SHUTTING_DOWN',
    message: 'The server is stopping and answers no new reads.',
    hint: 'Ask again in a moment.',
    retryable: true,
  });
