import type { Lease, ReactionParts } from './port.ts';
import type { Reaction } from './reaction.ts';
import { Runner } from './runner.ts';

/** Runs a reaction here whenever its lease is to be had; while another process has that, looks how it stands there. */
export class Holding {
  readonly #reaction: Reaction;
  readonly #parts: ReactionParts;
  #runner: Runner | undefined;
  #taking: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #isFailing = false;
  #isOver = false;

  constructor(reaction: Reaction, parts: ReactionParts) {
    this.#reaction = reaction;
    this.#parts = parts;
  }

  /** Takes the lease where nobody else has it, and runs. Throws what the notes throw. */
  async take(): Promise<void> {
    const { notes, onState } = this.#parts;
    const taken = await notes.take(this.#reaction.name);
    this.#isFailing = false;
    if ('keep' in taken) this.#running = this.#run(taken);
    else onState(taken);
  }

  /** The log has grown. */
  wake(): void {
    this.#runner?.wake();
  }

  /** From time to time. */
  look(): void {
    if (this.#runner) this.#runner.look();
    else if (!this.#isOver) this.#taking ??= this.#tryToTake();
  }

  /** Begins no more answers, waits for the one that is under way, and leaves the lease to others. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#taking;
    await this.#runner?.close();
    await this.#running;
  }

  async #run(lease: Lease): Promise<void> {
    this.#runner = new Runner(this.#reaction, lease, this.#parts);
    await this.#runner.ended;
    try {
      await lease.release();
    } catch {
      // It ends by itself.
    }
    this.#runner = undefined;
  }

  async #tryToTake(): Promise<void> {
    try {
      await this.take();
    } catch (fault) {
      // Once, however often it fails.
      if (!this.#isFailing) this.#parts.onFault(fault, this.#reaction.name);
      this.#isFailing = true;
    }
    this.#taking = undefined;
  }
}
