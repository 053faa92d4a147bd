import type { Backlog, Holder } from './backlog.ts';
import type { Delivery, Feed } from './feed.ts';

/** A message as its readers get it. */
export interface Entry<P> extends Omit<Delivery<unknown>, 'message'> {
  readonly payload: P;
  readonly bytes: number;
}

/** A reader as its tail sees it. */
export interface Follower<P> {
  /** The number of the entry that it is to get next. */
  cursor: number;
  /** Gives it the next entries, one at least; it takes them all, and answers whether it would take more at once. */
  offer(run: readonly Entry<P>[]): boolean;
  /** What comes next was dropped, because it was too slow or because too much came at once: it has to read anew. */
  lose(isSlow: boolean): void;
}

/** How messages become what is sent. */
export interface Rendering<M, P> {
  /** A message that cannot be rendered is rendered as the error it is. Throws what may go well in a moment: nobody's place moves past it. */
  render(delivery: Delivery<M>): P | Promise<P>;
  bytesOf(payload: P): number;
}

/**
 * What comes on a feed, rendered once for all who follow it. Whoever takes it as it comes is handed it at once and costs nothing more;
 * for those that lag, and only then, entries are kept: so many, so large. Who lags further loses its place and is told. What has come
 * together is handed on together, for it is the writes that cost: the more there is to do, the less is done for each message.
 */
export class Tail<M, P> implements Holder {
  readonly feed: Feed<M>;
  readonly rendering: Rendering<M, P>;
  readonly #backlog: Backlog;
  readonly #onAbandoned: () => void;
  readonly #level = new Set<Follower<P>>();
  readonly #lagging = new Set<Follower<P>>();
  readonly #lost = new Set<Follower<P>>();
  #kept: Entry<P>[] = [];
  /** The number of the first entry that is kept; entries are numbered as they come. */
  #first = 0;
  #bytes = 0;
  #coming: Delivery<M>[] = [];
  #isRendering = false;
  #stop: (() => void) | undefined;

  /** @param onAbandoned told when the last follower has left; the tail is not used again */
  constructor(feed: Feed<M>, rendering: Rendering<M, P>, kept: Backlog, onAbandoned: () => void = () => {}) {
    this.feed = feed;
    this.rendering = rendering;
    this.#backlog = kept;
    this.#onAbandoned = onAbandoned;
  }

  /** Bytes after which what is written to one reader at once is enough. */
  get runBytesMax(): number {
    return this.#backlog.sizes.runBytesMax;
  }

  /** See {@link Backlog.turnToRead}. */
  turnToRead(): Promise<void> {
    return this.#backlog.turnToRead();
  }

  /** True where everything that came has been handed on. */
  get isQuiet(): boolean {
    return this.#coming.length === 0 && !this.#isRendering;
  }

  /** From here on everything that comes is kept for the follower, within the bounds. */
  join(follower: Follower<P>): void {
    this.#stop ??= this.feed.watch(
      (deliveries) => this.#take(deliveries),
      () => this.#loseAll(),
    );
    this.#forget(follower);
    follower.cursor = this.#end;
    this.#lagging.add(follower);
  }

  isLost(follower: Follower<P>): boolean {
    return this.#lost.has(follower);
  }

  /** Gives a lagging follower what is kept for it, as long as it takes more; level with the tail, it is handed on what comes. */
  serve(follower: Follower<P>): void {
    while (this.#lagging.has(follower)) {
      const run = this.#runAt(follower.cursor - this.#first);
      if (run.length === 0) {
        this.#lagging.delete(follower);
        this.#level.add(follower);
        if (this.#lagging.size === 0) this.#drop(this.#kept.length);
        return;
      }
      follower.cursor += run.length;
      if (!follower.offer(run)) return;
    }
  }

  shed(bytes: number): void {
    const goal = this.#bytes - bytes;
    this.#dropWhile(() => this.#bytes > goal);
  }

  leave(follower: Follower<P>): void {
    this.#forget(follower);
    if (this.#lagging.size === 0) this.#drop(this.#kept.length);
    if (this.#level.size + this.#lagging.size + this.#lost.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
    this.#onAbandoned();
  }

  get #end(): number {
    return this.#first + this.#kept.length;
  }

  #forget(follower: Follower<P>): void {
    for (const followers of [this.#level, this.#lagging, this.#lost]) followers.delete(follower);
  }

  #take(deliveries: readonly Delivery<M>[]): void {
    for (const delivery of deliveries) this.#coming.push(delivery);
    if (this.#coming.length > this.#backlog.sizes.messagesMax) this.#loseAll();
    if (this.#isRendering) return;
    this.#isRendering = true;
    // In a turn of its own: the commit's commands are answered first, however many follow.
    setImmediate(() => void this.#render());
  }

  async #render(): Promise<void> {
    while (this.#coming.length > 0) {
      const run = await this.#nextRun().catch(() => undefined);
      if (run) this.#handOn(run);
      else this.#loseAll();
    }
    this.#isRendering = false;
  }

  /** Rejects where one of it cannot be rendered now. */
  async #nextRun(): Promise<readonly Entry<P>[]> {
    const run: Entry<P>[] = [];
    for (let bytes = 0; bytes < this.#backlog.sizes.runBytesMax; bytes += run.at(-1)?.bytes ?? 0) {
      const next = this.#coming.shift();
      if (!next) break;
      const rendered = this.rendering.render(next);
      const payload = rendered instanceof Promise ? await rendered : rendered;
      const { position, key, reached } = next;
      run.push({ position, key, reached, payload, bytes: this.rendering.bytesOf(payload) });
    }
    return run;
  }

  #runAt(index: number): readonly Entry<P>[] {
    let end = index;
    for (let bytes = 0; bytes < this.#backlog.sizes.runBytesMax && end < this.#kept.length; end += 1) bytes += this.#kept[end]?.bytes ?? 0;
    return this.#kept.slice(index, end);
  }

  #handOn(run: readonly Entry<P>[]): void {
    // Everything that was coming may have been given up meanwhile.
    if (run.length === 0) return;
    const end = this.#end + run.length;
    if (this.#lagging.size > 0) this.#keep(run);
    else this.#first = end;
    for (const follower of this.#level) {
      follower.cursor = end;
      // Whoever left when it was offered the run lags no more than it follows.
      if (!follower.offer(run) && this.#level.delete(follower)) this.#lagging.add(follower);
    }
  }

  #keep(run: readonly Entry<P>[]): void {
    for (const entry of run) {
      this.#kept.push(entry);
      this.#bytes += entry.bytes;
      this.#backlog.add(this, entry.bytes);
    }
    const { messagesMax, bytesMax } = this.#backlog.sizes;
    this.#dropWhile(() => this.#kept.length > messagesMax || this.#bytes > bytesMax);
    this.#backlog.shed();
  }

  #dropWhile(isTooMuch: () => boolean): void {
    const first = this.#first;
    while (this.#kept.length > 0 && isTooMuch()) this.#drop(1);
    if (this.#first === first) return;
    for (const follower of this.#lagging) if (follower.cursor < this.#first) this.#lose(follower, true);
    if (this.#lagging.size === 0) this.#drop(this.#kept.length);
  }

  #drop(count: number): void {
    for (const { bytes } of this.#kept.splice(0, count)) {
      this.#first += 1;
      this.#bytes -= bytes;
      this.#backlog.add(this, -bytes);
    }
  }

  #lose(follower: Follower<P>, isSlow: boolean): void {
    this.#forget(follower);
    this.#lost.add(follower);
    follower.lose(isSlow);
  }

  /**
   * More comes than can be rendered, or what came could not be told or rendered: everyone reads it from where it is stored, as fast as it may be, and
   * hears there of what cannot be.
   */
  #loseAll(): void {
    this.#coming = [];
    this.#drop(this.#kept.length);
    // A copy: who is lost and ready joins again at once.
    for (const follower of [...this.#level, ...this.#lagging]) this.#lose(follower, false);
  }
}
