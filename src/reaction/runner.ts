import { limits, type Position } from '#base';
import type { StoredEvent } from '#eventstore';
import { answerFailed, pauseAfter, stopping, tooSlow } from './faults.ts';
import type { ReactionParts } from './port.ts';
import type { Reaction } from './reaction.ts';

/**
 * Runs one reaction: answers event after event in the order of their positions, and notes after each that it has. Killed between the two, it answers
 * that one event again; it never passes over one.
 */
export class Runner {
  readonly #reaction: Reaction;
  readonly #parts: ReactionParts;
  readonly #ended: Promise<void>;
  /** It is through with all events up to here. */
  #at: Position;
  #noted: Position;
  /** Something was answered since the last note, or it is time for one. */
  #isNoteDue = false;
  /** In a row. */
  #failures = 0;
  #isOver = false;
  #isWoken = false;
  #goOn = (): void => {};
  #attempt: AbortController | undefined;

  /** @param noted how far it has come, as it is noted */
  constructor(reaction: Reaction, noted: Position, parts: ReactionParts) {
    this.#reaction = reaction;
    this.#parts = parts;
    this.#at = noted;
    this.#noted = noted;
    this.#say();
    this.#ended = this.#run();
  }

  /** The log has grown. */
  wake(): void {
    this.#isWoken = true;
    this.#goOn();
  }

  /** From time to time: what it has passed over is noted, and whether somebody else has noted more is seen. */
  look(): void {
    this.#isNoteDue = true;
    this.wake();
  }

  /** Begins no more answers; the one that is under way is waited for, for `limits.reactionStopWaitMs`, and then aborted. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.wake();
    const callOff = this.#parts.timers.after(limits.reactionStopWaitMs, () => this.#attempt?.abort(stopping()));
    await this.#ended;
    callOff();
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#answerAll();
        await this.#sleep();
      } catch (fault) {
        if (!this.#isOver) await this.#failed(fault);
      }
    }
    this.#isNoteDue = true;
    await this.#noteIfDue().catch(() => undefined);
  }

  /** Up to the log's end. All events are read, not those of its types alone: by the index by type the store would go through all that there ever were. */
  async #answerAll(): Promise<void> {
    // An answer whose note failed is not given again.
    await this.#noteIfDue();
    for (let isMore = true; isMore; ) {
      const page = await this.#parts.log.read('all', { after: this.#at });
      for (const stored of page) {
        if (this.#isOver) return;
        await this.#take(stored);
      }
      isMore = page.length === limits.readEventsMax;
      if (isMore) this.#isNoteDue = true;
      await this.#noteIfDue();
      this.#failures = 0;
      this.#say();
    }
  }

  async #take(stored: StoredEvent): Promise<void> {
    const isOurs = this.#reaction.types.has(stored.type);
    if (isOurs) await this.#answer(stored);
    this.#at = stored.position;
    if (!isOurs) return;
    this.#failures = 0;
    this.#isNoteDue = true;
    await this.#noteIfDue();
    this.#say();
  }

  async #answer(stored: StoredEvent): Promise<void> {
    const { codec, timers } = this.#parts;
    const { name } = this.#reaction;
    const attempt = new AbortController();
    const { signal } = attempt;
    const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const callOff = timers.after(limits.reactionTimeMaxMs, () => attempt.abort(tooSlow()));
    this.#attempt = attempt;
    try {
      // Whatever becomes of an answer that is given up, nobody hears of it.
      await Promise.race([this.#reaction.answer(codec.decode(stored), { key: `${name}:${stored.eventId}`, signal }), aborted]);
    } catch (fault) {
      throw answerFailed(name, stored, fault);
    } finally {
      callOff();
      this.#attempt = undefined;
    }
  }

  async #noteIfDue(): Promise<void> {
    if (!this.#isNoteDue) return;
    const at = this.#at;
    if (at > this.#noted) await this.#parts.notes.note(this.#reaction.name, at);
    this.#noted = at;
    this.#isNoteDue = false;
  }

  async #failed(fault: unknown): Promise<void> {
    this.#failures += 1;
    this.#say();
    this.#parts.onFault(fault, this.#reaction.name);
    // Just before what it failed on, so that an operator sees where it stands, and passes over that.
    this.#isNoteDue = true;
    await this.#noteIfDue().catch(() => undefined);
    await this.#pause(pauseAfter(this.#failures));
  }

  async #pause(ms: number): Promise<void> {
    let isLongEnough = false;
    const callOff = this.#parts.timers.after(ms, () => {
      isLongEnough = true;
      this.wake();
    });
    while (!(isLongEnough || this.#isOver || (await this.#isPassedOver()))) await this.#sleep();
    callOff();
  }

  /** True where somebody else has noted more. */
  async #isPassedOver(): Promise<boolean> {
    try {
      const noted = await this.#parts.notes.at(this.#reaction.name);
      if (noted <= this.#at) return false;
      this.#at = noted;
      this.#noted = noted;
      this.#failures = 0;
      return true;
    } catch {
      // A store that fails is told of where it is to be read from.
      return false;
    }
  }

  async #sleep(): Promise<void> {
    if (!this.#isWoken) await new Promise<void>((resume) => (this.#goOn = resume));
    this.#isWoken = false;
  }

  #say(): void {
    this.#parts.onState({ name: this.#reaction.name, position: this.#at, failing: this.#failures > 0 });
  }
}
