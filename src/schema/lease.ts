import { type Awaitable, VarveError } from '#base';
import type { Snapshot } from '#readtable';

/**
 * An operation's hold on a snapshot. Where answers take their time, reads take turns: what one of them comes to is counted before the next one
 * begins, and a store never has a transaction ended amid a read. Where they are there at once, nobody waits.
 */
export class Lease {
  readonly snapshot: Snapshot;
  /** Settles with the last of the reads that are under way or wait for their turn; never rejects. */
  #last: Promise<void> | undefined;
  #isOver = false;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  /**
   * Reads, at once or in its turn; what `work` reads until its answer has come is one turn, so it must not wait for another read of the lease.
   * Rejects with `OPERATION_ENDED` where the lease is over before its turn comes.
   */
  read<T>(work: (snapshot: Snapshot) => Awaitable<T>): Awaitable<T> {
    if (this.#last) return this.#follow(this.#last.then(() => this.#begin(work)));
    const answer = work(this.snapshot);
    return answer instanceof Promise ? this.#follow(answer) : answer;
  }

  /** Gives the snapshot back: now, or when the read that is under way has its answer. Those that wait for their turn begin no more. */
  release(): void {
    this.#isOver = true;
    if (!this.#last) this.snapshot.release();
  }

  #begin<T>(work: (snapshot: Snapshot) => Awaitable<T>): Awaitable<T> {
    if (this.#isOver) throw ended();
    return work(this.snapshot);
  }

  #follow<T>(answer: Promise<T>): Promise<T> {
    const done = () => {
      if (this.#last !== last) return;
      this.#last = undefined;
      if (this.#isOver) this.snapshot.release();
    };
    const last = answer.then(done, done);
    this.#last = last;
    return answer;
  }
}

/** Why nothing more is read: the answer of the operation has left. */
export const ended = () =>
  new VarveError({
    code: 'OPERATION_ENDED',
    message: 'The operation was over before this was read.',
    hint: 'Nothing is to be done: its answer had left.',
  });
