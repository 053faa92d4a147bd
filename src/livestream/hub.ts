import { limits, type Position } from '#base';
import type { Commit } from '#projector';

/**
 * Tells live streams that there is something to read. It keeps the newest commits, within bounds, and nothing for any
 * reader: each pulls from its own position, and one that falls out of the window is told so.
 */
export class Hub {
  #position: Position;
  #commits: Commit[] = [];
  #changes = 0;
  /** The position that the window begins after. */
  #start: Position;
  #closed = false;
  readonly #waiting = new Set<() => void>();

  constructor(position: Position) {
    this.#position = position;
    this.#start = position;
  }

  /** The last commit's position. */
  get position(): Position {
    return this.#position;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** How many readers wait for the next commit. */
  get waiting(): number {
    return this.#waiting.size;
  }

  publish(commit: Commit): void {
    this.#commits.push(commit);
    this.#changes += commit.changes.length;
    this.#position = commit.position;
    while (this.#commits.length > limits.hubCommitsMax || (this.#changes > limits.hubChangesMax && this.#commits.length > 1))
      this.#forgetOldest();
    this.#wake();
  }

  /** The commits after a position, in order; undefined where the window no longer reaches back so far. */
  since(position: Position): readonly Commit[] | undefined {
    if (position < this.#start) return undefined;
    // Readers are mostly at the end: look from there.
    let first = this.#commits.length;
    while (first > 0 && (this.#commits[first - 1]?.position ?? 0) > position) first -= 1;
    return this.#commits.slice(first);
  }

  /** Resolves once the log is past the position, the hub is closed or the signal is given. */
  async past(position: Position, signal: AbortSignal): Promise<void> {
    while (this.#position <= position && !this.#closed && !signal.aborted) await this.#commitOr(signal);
  }

  /** Ends every live stream. */
  close(): void {
    this.#closed = true;
    this.#wake();
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

  #forgetOldest(): void {
    const oldest = this.#commits.shift();
    if (!oldest) return;
    this.#changes -= oldest.changes.length;
    this.#start = oldest.position;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}
