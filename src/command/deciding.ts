/** Where in the shared memory what stands: the command whose domain code runs, and how many steps were made. */
const cells = { command: 0, steps: 1 } as const;
const cellCount = 2;

/** In the place of a command: nothing may be committed any more. */
const givenUp = -1;

/** Memory by which a writer's thread says which command it decides, and another one watches it. */
export const decidingMemory = (): SharedArrayBuffer => new SharedArrayBuffer(cellCount * Int32Array.BYTES_PER_ELEMENT);

/**
 * Says which command's domain code runs, by the number that it was given when it was sent (0: none), and that it gets on. A loop in domain code can
 * say nothing: that nothing is said is what shows it.
 */
export class Deciding {
  readonly #cells: Int32Array;
  #command = 0;
  #sending = 0;

  /** @param memory left out: nobody watches */
  constructor(memory: SharedArrayBuffer = decidingMemory()) {
    this.#cells = new Int32Array(memory);
  }

  /** Gives the command that is sent in this very call its number. */
  sending<T>(command: number, send: () => T): T {
    this.#sending = command;
    try {
      return send();
    } finally {
      this.#sending = 0;
    }
  }

  /** The number of the command that is just being sent; 0 where it was given none. */
  get sent(): number {
    return this.#sending;
  }

  /** From here on it is this command's domain code that runs. */
  begin(command: number): void {
    // Whoever gave the command up has the last word: not even what it did so far may become true, and this thread is ended.
    if (Atomics.compareExchange(this.#cells, cells.command, this.#command, command) === givenUp)
      Atomics.wait(this.#cells, cells.command, givenUp);
    this.#command = command;
    this.goOn();
  }

  /** No domain code runs. */
  rest(): void {
    this.begin(0);
  }

  /** The command gets on: it takes long, but it does not stand still. */
  goOn(): void {
    Atomics.add(this.#cells, cells.steps, 1);
  }

  /** Runs a command's code, or of 0 what is not the domain's; where that answers by a promise, until it is settled. */
  during<T>(command: number, run: () => T): T {
    const before = this.#command;
    const end = () => this.begin(before);
    let isLater = false;
    this.begin(command);
    try {
      const answer = run();
      isLater = answer instanceof Promise;
      return answer instanceof Promise ? (answer.finally(end) as T) : answer;
    } finally {
      if (!isLater) end();
    }
  }
}

/** Looks, from another thread, whether a command stands still. */
export class DecidingWatch {
  readonly #cells: Int32Array;
  readonly #looksMax: number;
  #last = { command: 0, steps: 0 };
  #looks = 0;

  /** @param looksMax how many looks in a row may find the same: looks and not time, for a process may have been halted between two of them */
  constructor(memory: SharedArrayBuffer, looksMax: number) {
    this.#cells = new Int32Array(memory);
    this.#looksMax = looksMax;
  }

  /** Gives up, and answers, the command that has not got on for so many looks: what it decides is never committed, and its thread must be ended. */
  look(): number | undefined {
    const now = { command: Atomics.load(this.#cells, cells.command), steps: Atomics.load(this.#cells, cells.steps) };
    const isSame = now.command !== 0 && now.command === this.#last.command && now.steps === this.#last.steps;
    this.#looks = isSame ? this.#looks + 1 : 0;
    this.#last = now;
    if (this.#looks < this.#looksMax) return undefined;
    // It may have got on since it was looked at.
    return Atomics.compareExchange(this.#cells, cells.command, now.command, givenUp) === now.command ? now.command : undefined;
  }
}
