import { limits, type Position } from '#base';
import { compareKeys, type Reached } from '#readtable';
import type { Delivery, Start } from './feed.ts';
import type { Entry, Follower, Tail } from './tail.ts';

/** Where a reader's messages go. */
export interface Sink<P> {
  /** Takes payloads, always; answers whether it would take more at once. Where not, it calls {@link Reader.ready} when it would. */
  write(payloads: readonly P[]): boolean;
  /** What is stored has been read; from here on the reader follows. It has come so far, though nothing may have been written. */
  follows?(reached: Reached): void;
  /** The stream broke: nothing is written any more. */
  fail(fault: unknown): void;
}

/** Messages of the first page of what was missed; the next ones are as long as could be written at once. */
const firstPage = 64;

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
  /** How many messages it reads at a time of what it missed: about as many as are written at once. */
  #pageMax = firstPage;

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

  /** Begins later: the sink takes nothing until {@link ready}. */
  wait(): void {
    this.#isReady = false;
  }

  /** Reading what is stored: the sink is told when it writes of it, follows, or fails. */
  get isReading(): boolean {
    return this.#isApproaching && !this.#isOver;
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

  offer(run: readonly Entry<P>[]): boolean {
    const payloads: P[] = [];
    for (const entry of run) {
      if (!this.#isPast(entry)) continue;
      this.#reached = entry.reached;
      payloads.push(entry.payload);
    }
    if (payloads.length === 0) return true;
    this.#isReady = this.#sink.write(payloads);
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
    void this.#approach(() => (reached && !(this.#isSlow && this.#announcement()) ? this.#catchUp(reached) : this.#resync()));
  }

  /** Joins the tail, reads what is stored until the tail holds the rest, and follows. */
  async #approach(read: () => Promise<Reached | undefined>): Promise<void> {
    this.#isApproaching = true;
    try {
      this.#tail.join(this);
      this.#reached = await read();
      while (this.#reached && !this.#isOver && this.#tail.isLost(this)) {
        this.#tail.join(this);
        this.#reached = await this.#catchUp(this.#reached);
      }
      this.#isApproaching = false;
      if (this.#isOver || !this.#reached) return;
      this.#sink.follows?.(this.#reached);
      this.#follow();
    } catch (fault) {
      if (this.#isOver) return;
      this.stop();
      this.#sink.fail(fault);
    }
  }

  /** A snapshot is read when it can be written. Answers undefined where the reader left instead. */
  async #beginAnew(): Promise<Reached | undefined> {
    await this.#untilReady();
    if (this.#isOver) return undefined;
    const { deliveries, reached } = await this.#tail.feed.begin(this.#start.snapshotRowsMax);
    await this.#writeAll(deliveries);
    return reached;
  }

  #announcement(): Delivery<M> | undefined {
    return this.#tail.feed.resync(this.#start.snapshotRowsMax);
  }

  /** What comes after a RESYNC without a snapshot is in the tail, which was joined before it, or is read from what is stored. */
  async #resync(): Promise<Reached | undefined> {
    this.#reached = undefined;
    const resync = this.#announcement();
    if (resync) await this.#writeAll([resync]);
    return resync?.reached ?? this.#beginAnew();
  }

  /** While its sink takes no more it holds nothing: the rest of a page is read again. */
  async #catchUp(after: Reached): Promise<Reached | undefined> {
    let isLong = false;
    for (let at = after; ; ) {
      await this.#untilReady();
      // A long past is read a page a turn, whoever reads it: others get theirs.
      if (isLong) await this.#tail.turnToRead();
      if (this.#isOver) return at;
      isLong = true;
      const missed = await this.#tail.feed.missed(at, this.#pageMax);
      if (!missed) return this.#resync();
      const isWritten = await this.#writePage(missed.deliveries);
      at = isWritten ? missed.reached : (this.#reached ?? at);
      this.#reached = at;
      if (isWritten && missed.isAll) return at;
    }
  }

  /** Answers false where its sink took no more before the end. */
  async #writePage(deliveries: readonly Delivery<M>[]): Promise<boolean> {
    let written = 0;
    for await (const count of this.#writeRuns(deliveries)) {
      written += count;
      if (written < deliveries.length && (!this.#isReady || this.#isOver)) break;
    }
    const isWritten = written === deliveries.length;
    this.#pageMax = isWritten ? Math.min(this.#pageMax * 2, limits.readEventsMax) : Math.max(1, written);
    return isWritten;
  }

  /** Its sink is waited for: what belongs together cannot be read in parts. */
  async #writeAll(deliveries: readonly Delivery<M>[]): Promise<void> {
    let left = deliveries.length;
    for await (const count of this.#writeRuns(deliveries)) {
      left -= count;
      if (left > 0) await this.#untilReady();
    }
  }

  /** Writes as much as is enough for once, and says how many that were, until all is written. */
  async *#writeRuns(deliveries: readonly Delivery<M>[]): AsyncGenerator<number, void, undefined> {
    let run: P[] = [];
    let bytes = 0;
    for (const [i, delivery] of deliveries.entries()) {
      let payload: P;
      try {
        const rendered = this.#tail.rendering.render(delivery);
        payload = rendered instanceof Promise ? await rendered : rendered;
      } catch (fault) {
        // What comes before it is not kept back: else one message that is never rendered would keep all of its run from its reader.
        if (run.length > 0 && !this.#isOver) this.#sink.write(run);
        throw fault;
      }
      run.push(payload);
      bytes += this.#tail.rendering.bytesOf(payload);
      if (bytes < this.#tail.runBytesMax && i < deliveries.length - 1) continue;
      if (this.#isOver) return;
      this.#reached = delivery.reached;
      this.#isReady = this.#sink.write(run);
      yield run.length;
      [run, bytes] = [[], 0];
    }
  }

  async #untilReady(): Promise<void> {
    if (this.#isReady || this.#isOver) return;
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
