import { limits, type Position } from '#base';
import type { StoredEvent } from '#eventstore';
import { answerFailed, isLeaseLost, pauseAfter, stopping, tooSlow } from './faults.ts';
import type { Lease, ReactionParts } from './port.ts';
import type { Reaction } from './reaction.ts';

/**
 * Runs one reaction while it has its lease: answers event after event in the order of their positions, and notes after each that it has. Killed between
 * the two, it answers that one event again; it never passes over one.
 */
export class Runner {
  /** Resolves when nothing of it is under way any more: it was closed, or has lost its lease. */
  readonly ended: Promise<void>;
  readonly #reaction: Reaction;
  readonly #lease: Lease;
  readonly #parts: ReactionParts;
  /** It is through with all events up to here. */
  #at: Position;
  /** Something was answered since the last note, or it is time for one. */
  #isNoteDue = false;
  /** In a row. */
  #failures = 0;
  #isOver = false;
  #isWoken = false;
  #goOn = (): void => {};
  #attempt: AbortController | undefined;

  constructor(reaction: Reaction, lease: Lease, parts: ReactionParts) {
    this.#reaction = reaction;
    this.#lease = lease;
    this.#parts = parts;
    this.#at = lease.position;
    this.#say();
    this.ended = this.#run();
  }

  /** The log has grown. */
  wake(): void {
    this.#isWoken = true;
    this.#goOn();
  }

  /** From time to time: what it has passed over is noted, whether somebody else has noted more is seen, and the lease is kept, also while an answer is under way. */
  look(): void {
    this.#isNoteDue = true;
    this.wake();
    // That it fails is told when it is to be noted that the answer was given.
    if (this.#attempt) this.#keep().catch(() => undefined);
  }

  /** Begins no more answers; the one that is under way is waited for, for `limits.reactionStopWaitMs`, and then aborted. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.wake();
    const callOff = this.#parts.timers.after(limits.reactionStopWaitMs, () => this.#attempt?.abort(stopping()));
    await this.ended;
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
    await this.#keep().catch(() => undefined);
  }

  /** Up to the log's end. All events are read, not those of its types alone: by the index by type the store would go through all that there ever were. */
  async #answerAll(): Promise<void> {
    // An answer whose note failed is not given again.
    await this.#noteIfDue();
    for (let isMore = true; isMore; ) {
      const page = await this.#parts.log.read('all', { after: this.#at });
      // It may have stood still since: what another process runs by now is none of its business. Nor is a log that was taken in meanwhile.
      if (page.some(({ type }) => this.#reaction.types.has(type))) await this.#keep();
      for (const stored of page) {
        if (this.#isOver) return;
        if (stored.position > this.#at) await this.#take(stored);
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
    this.#at = Math.max(this.#at, stored.position);
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
    await this.#keep();
    this.#isNoteDue = false;
  }

  /** Keeps the lease and notes where it stands; what somebody else had it pass over is not answered. Without the lease it ends. */
  async #keep(): Promise<void> {
    try {
      const noted = await this.#lease.keep(this.#at, this.#failures > 0);
      if (noted <= this.#at || this.#attempt) return;
      this.#at = noted;
      this.#failures = 0;
    } catch (fault) {
      if (isLeaseLost(fault)) this.#lost(fault);
      throw fault;
    }
  }

  #lost(fault: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#attempt?.abort(fault);
    this.#parts.onFault(fault, this.#reaction.name);
    this.wake();
  }

  async #failed(fault: unknown): Promise<void> {
    this.#failures += 1;
    this.#say();
    this.#parts.onFault(fault, this.#reaction.name);
    await this.#pause(pauseAfter(this.#failures));
  }

  /** Until the time is over, or it is over, or somebody has had it pass over what it failed on. */
  async #pause(ms: number): Promise<void> {
    const { timers } = this.#parts;
    const at = this.#at;
    let isLongEnough = false;
    const callOff = timers.after(ms, () => {
      isLongEnough = true;
      this.wake();
    });
    while (!(isLongEnough || this.#isOver)) {
      // Noted just before what it failed on, so that an operator sees where it stands, and passes over that. A store that fails is told of elsewhere.
      await this.#keep().catch(() => undefined);
      if (this.#at > at) break;
      await this.#sleep();
    }
    callOff();
  }

  async #sleep(): Promise<void> {
    if (!this.#isWoken) await new Promise<void>((resume) => (this.#goOn = resume));
    this.#isWoken = false;
  }

  #say(): void {
    this.#parts.onState({ name: this.#reaction.name, position: this.#at, failing: this.#failures > 0 });
  }
}
