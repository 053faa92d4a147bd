import type { Position } from '#base';
import { compareKeys, type Reached } from '#readtable';
import type { Delivery, Start } from './feed.ts';
import type { Entry, Follower, Tail } from './tail.ts';

/** Where a reader's messages go. */
export interface Sink<P> {
  /** Takes a payload, always; answers whether it would take another one at once. Where not, it calls {@link Reader.ready} when it would. */
  write(payload: P): boolean;
  /** What is stored has been read; from here on the reader follows. It has come so far, though nothing may have been written. */
  follows?(reached: Reached): void;
  /** The stream broke: nothing is written any more. */
  fail(fault: unknown): void;
}

/**
 * One reader's way along a live stream: how it begins, what it missed, and then what comes, with no seam: it joins the tail before it reads the
 * past, so that what is committed in between is in one of the two, and skips what is in both. It pulls: its sink says when it takes more.
 */
export class Reader<M, P> implements Follower<P> {
  cursor = 0;
  readonly #tail: Tail<M, P>;
  readonly #sink: Sink<P>;
  readonly #start: Start;
  #reached: Reached | undefined;
  /** Reading what is stored, rather than following. */
  #isApproaching = false;
  #isReady = true;
  /** Lost its place by its own fault. */
  #isSlow = false;
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(tail: Tail<M, P>, sink: Sink<P>, start: Start) {
    this.#tail = tail;
    this.#sink = sink;
    this.#start = start;
  }

  /** Begins; from here on the sink is written to, until `stop`. */
  begin(): void {
    if (this.#isOver) return;
    const { after } = this.#start;
    void this.#approach(() => (after ? this.#catchUp(after) : this.#beginAnew()));
  }

  /** How far the reader has come: it can go on from here. undefined: nowhere yet. */
  get reached(): Reached | undefined {
    const isLevel = this.#isReady && !this.#isApproaching && this.#tail.isQuiet;
    if (!this.#reached || !isLevel) return this.#reached;
    return { position: Math.max(this.#reached.position, this.#tail.feed.position()) };
  }

  /** The sink takes more. */
  ready(): void {
    this.#isReady = true;
    this.#wake?.();
    if (!this.#isApproaching) this.#follow();
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wake?.();
    this.#tail.leave(this);
  }

  offer(entry: Entry<P>): boolean {
    if (!this.#isPast(entry)) return true;
    this.#reached = entry.reached;
    this.#isReady = this.#sink.write(entry.payload);
    return this.#isReady && !this.#isOver;
  }

  lose(isSlow: boolean): void {
    this.#isSlow = isSlow;
    if (this.#isReady && !this.#isApproaching) this.#follow();
  }

  #follow(): void {
    if (this.#isOver || !this.#isReady) return;
    if (!this.#tail.isLost(this)) return void this.#tail.serve(this);
    const reached = this.#reached;
    void this.#approach(() => (reached && !(this.#isSlow && this.#tail.feed.resync()) ? this.#catchUp(reached) : this.#resync()));
  }

  /** Joins the tail, reads what is stored until the tail holds the rest, and follows. */
  async #approach(read: () => Promise<Reached>): Promise<void> {
    this.#isApproaching = true;
    try {
      this.#tail.join(this);
      this.#reached = await read();
      while (!this.#isOver && this.#tail.isLost(this)) {
        this.#tail.join(this);
        this.#reached = await this.#catchUp(this.#reached);
      }
      this.#isApproaching = false;
      if (this.#isOver) return;
      this.#sink.follows?.(this.#reached);
      this.#follow();
    } catch (fault) {
      if (this.#isOver) return;
      this.stop();
      this.#sink.fail(fault);
    }
  }

  async #beginAnew(): Promise<Reached> {
    const { deliveries, reached } = await this.#tail.feed.begin(this.#start.snapshotRowsMax);
    await this.#writeAll(deliveries);
    return reached;
  }

  async #resync(): Promise<Reached> {
    this.#reached = undefined;
    const resync = this.#tail.feed.resync();
    if (resync) await this.#writeAll([resync]);
    return this.#beginAnew();
  }

  async #catchUp(after: Reached): Promise<Reached> {
    let at = after;
    for (let isAll = false; !isAll && !this.#isOver; ) {
      const missed = await this.#tail.feed.missed(at);
      if (!missed) return this.#resync();
      await this.#writeAll(missed.deliveries);
      ({ reached: at, isAll } = missed);
      this.#reached = at;
      // A long past is read a page a turn: others get theirs.
      if (!isAll) await new Promise(setImmediate);
    }
    return at;
  }

  /** Waits where there is something to wait for, and only then. */
  async #writeAll(deliveries: readonly Delivery<M>[]): Promise<void> {
    for (const delivery of deliveries) {
      const rendered = this.#tail.rendering.render(delivery);
      const payload = rendered instanceof Promise ? await rendered : rendered;
      if (!this.#isReady && !this.#isOver) await this.#untilReady();
      if (this.#isOver) return;
      this.#reached = delivery.reached;
      this.#isReady = this.#sink.write(payload);
    }
  }

  async #untilReady(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }

  #isPast({ position, key }: { readonly position: Position; readonly key: string }): boolean {
    const reached = this.#reached;
    if (!reached || position !== reached.position) return position > (reached?.position ?? 0);
    return reached.key !== undefined && compareKeys(key, reached.key) > 0;
  }
}
