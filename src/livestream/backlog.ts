import { limits } from '#base';

/** How much is kept for readers that fall behind. */
export interface BacklogSizes {
  /** Messages of one tail. */
  readonly messagesMax: number;
  /** Bytes of one tail, and of all of them together. */
  readonly bytesMax: number;
  readonly allBytesMax: number;
  /** Bytes after which what is written to one reader at once is enough. */
  readonly runBytesMax: number;
}

/** Keeps something in a backlog. */
export interface Holder {
  /** Lets go of its oldest entries, at least one, until it holds so many bytes less. */
  shed(bytes: number): void;
}

/** What the tails of one process keep for readers that lag, and the bounds of it. */
export class Backlog {
  readonly sizes: BacklogSizes;
  readonly #held = new Map<Holder, number>();
  /** Who waits for a turn to read a page, in the order of their coming. */
  readonly #reading: (() => void)[] = [];
  #isTurning = false;
  #bytes = 0;

  /** @param sizes what is left out: `limits` */
  constructor(sizes: Partial<BacklogSizes> = {}) {
    this.sizes = {
      messagesMax: limits.backlogMessagesMax,
      bytesMax: limits.backlogBytesMax,
      allBytesMax: limits.backlogAllBytesMax,
      runBytesMax: limits.streamRunBytesMax,
      ...sizes,
    };
  }

  /** Bytes that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves in a turn of the event loop that no other reader reads a page in: many that catch up leave the process to others all the same. */
  turnToRead(): Promise<void> {
    return new Promise((resolve) => {
      this.#reading.push(resolve);
      if (!this.#isTurning) this.#turn();
    });
  }

  #turn(): void {
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      this.#reading.shift()?.();
      if (this.#reading.length > 0) this.#turn();
    });
  }

  /** Notes that a holder holds more, or less. */
  add(holder: Holder, bytes: number): void {
    const held = (this.#held.get(holder) ?? 0) + bytes;
    this.#bytes += bytes;
    if (held > 0) this.#held.set(holder, held);
    else this.#held.delete(holder);
  }

  /** Where all together hold too much, whoever holds most lets go of some: readers of other streams do not notice. */
  shed(): void {
    while (this.#bytes > this.sizes.allBytesMax) {
      const [holder] = [...this.#held].reduce((most, one) => (one[1] > most[1] ? one : most));
      holder.shed(this.#bytes - this.sizes.allBytesMax);
    }
  }
}
