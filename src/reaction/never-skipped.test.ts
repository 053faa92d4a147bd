import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '#base';
import { reaction } from './reaction.ts';
import { bell, settled, World } from './world.fixture.ts';

/** Where a process may be killed, or fail: before its answer and after it, and around its store. */
const places = ['answer', 'answered', 'read', 'note', 'noted'] as const;
type Place = (typeof places)[number];
type Step =
  | { readonly append: string }
  | { readonly pass: number }
  | { readonly kill: Place | 'now'; readonly reaction: string }
  | { readonly fail: Place | 'hang'; readonly reaction: string };

const names = ['rings', 'echoes'];
const oneOf = fc.constantFrom(...names);
const steps = fc.array(
  fc.oneof(
    fc.record({ append: fc.string({ unit: fc.constantFrom('r', 'b'), minLength: 1, maxLength: 5 }) }),
    fc.record({ pass: fc.integer({ min: 0, max: 3_000 }) }),
    fc.record({ kill: fc.constantFrom(...places, 'now' as const), reaction: oneOf }),
    fc.record({ fail: fc.constantFrom(...places, 'hang' as const), reaction: oneOf }),
  ),
  { maxLength: 30, size: 'max' },
);

/** A world whose processes are killed and fail as the steps say. */
class Trial {
  readonly world = new World();
  /** How often each answer has gone well, by its key. */
  readonly done = new Map<string, number>();
  kills = 0;
  faults = 0;
  #armed: { readonly act: 'kill' | 'fail'; readonly at: Place | 'hang'; readonly reaction: string } | undefined;
  #isDead = false;

  constructor() {
    this.world.onStore = (call) => this.#meet(call);
  }

  async start(): Promise<void> {
    const reactions = names.map((name) => reaction(name, [bell], { Rung: this.#answer(name) }, { from: 'start' }));
    await this.world.start(...reactions);
  }

  async take(step: Step): Promise<void> {
    if ('append' in step) await this.world.append(step.append);
    else if ('pass' in step) await this.world.timers.pass(step.pass);
    else if ('fail' in step) this.#armed = { act: 'fail', at: step.fail, reaction: step.reaction };
    else if (step.kill === 'now') this.#die();
    else this.#armed = { act: 'kill', at: step.kill, reaction: step.reaction };
    await settled();
    // A new one may meet what the one before it did not.
    while (this.#isDead) {
      this.#isDead = false;
      await this.start();
      await settled();
    }
  }

  #die(): void {
    this.kills += 1;
    this.world.kill();
    this.#isDead = true;
  }

  #answer(name: string) {
    return this.world.answering(name, async ({ key }) => {
      this.#meet('answer', name);
      if (this.#armed?.at === 'hang' && this.#armed.reaction === name) {
        this.#armed = undefined;
        this.faults += 1;
        await new Promise(() => {});
      }
      this.done.set(key, (this.done.get(key) ?? 0) + 1);
      this.#meet('answered', name);
    });
  }

  /** Here the process is killed, or what it does throws, where that was said. */
  #meet(place: Place, name?: string): void {
    const armed = this.#armed;
    if (armed?.at !== place || (name !== undefined && name !== armed.reaction)) return;
    this.#armed = undefined;
    if (armed.act === 'kill') this.#die();
    else {
      this.faults += 1;
      throw new Error(`it failed at ${place}`);
    }
  }

  /** Nothing fails any more, and there is time enough. */
  async heal(): Promise<void> {
    this.#armed = undefined;
    const isDone = () => names.every((name) => this.world.notes.get(name) === this.world.log.position());
    for (let waitedMs = 0; waitedMs < 3 * limits.reactionPauseMaxMs && !isDone(); waitedMs += 5_000) await this.world.timers.pass(5_000);
  }
}

test('whatever is killed or fails, wherever: every event is answered, in order, and none passed over; once where nothing is killed or fails', async () => {
  const count = { kills: 0, faults: 0, repeated: 0 };
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const trial = new Trial();
      await trial.start();
      for (const step of taken) await trial.take(step);
      await trial.heal();
      const rung = (await trial.world.log.read([{ types: ['Rung'] }])).map(({ position }) => position);
      for (const name of names) {
        const seen = trial.world.positionsOf(name);
        // In order, each perhaps again before the next one.
        expect(seen.filter((position, place) => position !== seen[place - 1])).toEqual(rung);
        expect(trial.world.notes.get(name)).toBe(trial.world.log.position());
        if (trial.kills + trial.faults === 0) expect(seen).toEqual(rung);
      }
      const again = [...trial.done.values()].reduce((sum, times) => sum + times - 1, 0);
      expect(trial.done.size).toBe(rung.length * names.length);
      // A kill, or an answer that throws when it has done its work, costs one reaction, or each of them, one event at most.
      expect(again).toBeLessThanOrEqual(trial.kills * names.length + trial.faults);
      count.kills += trial.kills;
      count.faults += trial.faults;
      count.repeated += again;
    }),
    { numRuns: 300 },
  );
  console.log(`${count.kills} kills, ${count.faults} faults; ${count.repeated} answers given again`);
  expect(Math.min(count.kills, count.faults, count.repeated)).toBeGreaterThan(50);
});
