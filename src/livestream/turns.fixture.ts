/** Numbers that look random and are the same again for the same seed (mulberry32). */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Time, in turns of the event loop: whatever waits is woken turn by turn, so that anything may happen in between and nothing takes long. */
export class Turns {
  #now = 0;
  #woken = 0;
  #waiting: { readonly due: number; readonly wake: () => void }[] = [];

  get now(): number {
    return this.#now;
  }

  /** Nobody waits, and nobody was woken in the last turn. */
  get isIdle(): boolean {
    return this.#waiting.length + this.#woken === 0;
  }

  wait(turns: number): Promise<void> {
    return new Promise((wake) => void this.#waiting.push({ due: this.#now + turns, wake }));
  }

  async pass(): Promise<void> {
    await new Promise(setImmediate);
    this.#now += 1;
    const due = this.#waiting.filter((one) => one.due <= this.#now);
    this.#waiting = this.#waiting.filter((one) => one.due > this.#now);
    this.#woken = due.length;
    for (const { wake } of due) wake();
  }
}
