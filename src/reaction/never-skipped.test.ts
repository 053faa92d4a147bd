import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Awaitable, limits } from '#base';
import { describePostgres, logsOfTest } from '../eventstore/postgres/postgres.fixture.ts';
import { MemoryNotebook, type Notebook, postgresNotebook, sqliteNotebook } from './notebook.fixture.ts';
import { reaction } from './reaction.ts';
import type { Reactor } from './reactor.ts';
import { bell, Life, World } from './world.fixture.ts';

/** Where a process may be killed, fail, or stand still for a while: before its answer and after it, and around its store. */
const places = ['answer', 'answered', 'read', 'note', 'noted'] as const;
type Place = (typeof places)[number];
type Mishap = { readonly kill: Place } | { readonly fail: Place | 'hang' } | { readonly stand: Place };
type Step =
  | { readonly append: string }
  | { readonly pass: number }
  | { readonly goOn: true }
  | { readonly killNow: number }
  | { readonly mishap: Mishap; readonly reaction: string };

const names = ['rings', 'echoes'];
const at = fc.constantFrom(...places);
const mishaps = fc.oneof(
  fc.record({ kill: at }),
  fc.record({ fail: fc.constantFrom(...places, 'hang' as const) }),
  fc.record({ stand: at }),
);
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ append: fc.string({ unit: fc.constantFrom('r', 'b'), minLength: 1, maxLength: 5 }) }) },
    { weight: 3, arbitrary: fc.record({ pass: fc.integer({ min: 0, max: 3_000 }) }) },
    { weight: 1, arbitrary: fc.record({ pass: fc.constant(2 * limits.reactionLeaseMs) }) },
    { weight: 1, arbitrary: fc.record({ goOn: fc.constant(true as const) }) },
    { weight: 1, arbitrary: fc.record({ killNow: fc.nat({ max: 1 }) }) },
    { weight: 3, arbitrary: fc.record({ mishap: mishaps, reaction: fc.constantFrom(...names) }) },
  ),
  { maxLength: 30, size: 'max' },
);

/** Processes that are killed, fail and stand still as the steps say. */
class Trial {
  readonly world: World<Notebook>;
  /** How often each answer has gone well, by its key. */
  readonly done = new Map<string, number>();
  readonly count = { kills: 0, faults: 0, stands: 0 };
  readonly #lives: Life[] = [];
  readonly #reactors = new Map<Life, Reactor>();
  #armed: { readonly mishap: Mishap; readonly reaction: string } | undefined;

  constructor(notebook: Notebook) {
    this.world = new World(notebook);
    this.world.onStore = (call, life) => void (call === 'take' || this.#meet(call, life));
  }

  async start(): Promise<void> {
    const life = new Life();
    const reactions = names.map((name) => reaction(name, [bell], { Rung: this.#answer(name, life) }, { from: 'start' }));
    this.#lives.push(life);
    // Not waited for: it may stand still, or be killed, before it has started.
    void this.world.startAs(life, reactions).then((reactor) => this.#reactors.set(life, reactor));
    await this.world.settled();
  }

  async take(step: Step): Promise<void> {
    if ('append' in step) await this.#append(step.append);
    else if ('pass' in step) await this.world.pass(step.pass);
    else if ('goOn' in step) this.#goOn();
    else if ('killNow' in step) this.#kill(this.#lives[step.killNow % this.#lives.length]);
    else this.#armed = step;
    await this.world.settled();
    // A new one may meet what the one before it did not.
    for (let dead = this.#dead(); dead >= 0; dead = this.#dead()) {
      this.#lives.splice(dead, 1);
      await this.start();
    }
  }

  /** All processes are woken at once. */
  async #append(kinds: string): Promise<void> {
    await this.world.append(kinds);
    for (const [life, reactor] of this.#reactors) life.call(() => reactor.wake());
  }

  #dead(): number {
    return this.#lives.findIndex(({ isOver }) => isOver);
  }

  #kill(life: Life | undefined): void {
    this.count.kills += 1;
    life?.kill();
  }

  #goOn(): void {
    for (const life of this.#lives) life.goOn();
  }

  #answer(name: string, life: Life) {
    return this.world.answering(name, async ({ key }) => {
      await life.does(() => this.#meet('answer', life, name));
      if (this.#isToHang(name)) await new Promise(() => {});
      this.done.set(key, (this.done.get(key) ?? 0) + 1);
      await life.does(() => this.#meet('answered', life, name));
    });
  }

  #isToHang(name: string): boolean {
    const armed = this.#armed;
    if (armed?.reaction !== name || !('fail' in armed.mishap) || armed.mishap.fail !== 'hang') return false;
    this.#armed = undefined;
    this.count.faults += 1;
    return true;
  }

  /** Here the process is killed, stands still, or what it does throws, where that was said. */
  #meet(place: Place, life: Life, name?: string): void {
    const armed = this.#armed;
    if (!armed || !Object.values(armed.mishap).includes(place) || (name !== undefined && name !== armed.reaction)) return;
    this.#armed = undefined;
    if ('kill' in armed.mishap) this.#kill(life);
    else if ('stand' in armed.mishap) {
      this.count.stands += 1;
      life.standStill();
    } else {
      this.count.faults += 1;
      throw new Error(`it failed at ${place}`);
    }
  }

  /** Nothing fails any more, and there is time enough. */
  async heal(): Promise<void> {
    this.#armed = undefined;
    this.#goOn();
    const isDone = async () => {
      const positions = await this.world.notebook.positions();
      return names.every((name) => positions.get(name) === this.world.log.position());
    };
    for (let waitedMs = 0; waitedMs < 3 * limits.reactionPauseMaxMs && !(await isDone()); waitedMs += 5_000) await this.world.pass(5_000);
  }

  /** Throws where an event was passed over, or answered out of its order, or again without a reason. */
  async judge(): Promise<number> {
    const rung = (await this.world.log.read([{ types: ['Rung'] }])).map(({ position }) => position);
    const positions = await this.world.notebook.positions();
    const { kills, faults, stands } = this.count;
    for (const name of names) {
      const seen = this.world.positionsOf(name);
      expect([...new Set(seen)]).toEqual(rung);
      expect(positions.get(name)).toBe(this.world.log.position());
      if (kills + faults + stands === 0) expect(seen).toEqual(rung);
    }
    const again = [...this.done.values()].reduce((sum, times) => sum + times - 1, 0);
    expect(this.done.size).toBe(rung.length * names.length);
    // A kill, or to have stood still, costs each reaction one event at most; an answer that throws when it has done its work costs its own one.
    expect(again).toBeLessThanOrEqual((kills + stands) * names.length + faults);
    return again;
  }
}

interface Setting {
  readonly open: () => Awaitable<Notebook>;
  /** Processes at a time. */
  readonly processes: number;
  readonly numRuns: number;
}

/** Has processes do as many steps say, and answers what came of it. */
async function tried({ open, processes, numRuns }: Setting) {
  const sum = { kills: 0, faults: 0, stands: 0, again: 0 };
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const trial = new Trial(await open());
      for (let i = 0; i < processes; i++) await trial.start();
      for (const step of taken) await trial.take(step);
      await trial.heal();
      sum.again += await trial.judge();
      for (const key of ['kills', 'faults', 'stands'] as const) sum[key] += trial.count[key];
    }),
    { numRuns },
  );
  console.log(`${sum.kills} kills, ${sum.faults} faults, ${sum.stands} stood still; ${sum.again} answers given again`);
  return sum;
}

describe('whatever is killed, fails or stands still, wherever: every event is answered, in order, and none passed over; once where nothing is', () => {
  test('in memory, of two processes that take turns', async () => {
    const { kills, faults, stands, again } = await tried({ open: () => new MemoryNotebook(), processes: 2, numRuns: 200 });
    expect(Math.min(kills, faults, stands, again)).toBeGreaterThan(30);
  }, 120_000);

  test('in a file, of the one process that has it', async () => {
    const { again } = await tried({ open: sqliteNotebook, processes: 1, numRuns: 20 });
    expect(again).toBeGreaterThan(0);
  }, 120_000);
});

/** A process stands still with an answer given, for longer than it has the lease, and goes on beside the one that has it then. */
const late: readonly Step[] = [
  { mishap: { stand: 'answered' }, reaction: 'rings' },
  { append: 'r' },
  { pass: 1_000 },
  { pass: 2 * limits.reactionLeaseMs },
  { goOn: true },
  { append: 'r'.repeat(30) },
  { pass: 3_000 },
];

describePostgres('and in a database', () => {
  const opened = async () => (await logsOfTest().open()).sql;

  test('of two processes that take turns', async () => {
    const log = await opened();
    const { kills, stands } = await tried({ open: () => postgresNotebook(log), processes: 2, numRuns: 12 });
    expect(kills + stands).toBeGreaterThan(0);
  }, 120_000);

  test('but not where whoever once had a lease may go on noting', async () => {
    const log = await opened();
    const lived = async (isFenced: boolean) => {
      const trial = new Trial(await postgresNotebook(log, { isFenced }));
      for (const _ of [1, 2]) await trial.start();
      for (const step of late) await trial.take(step);
      await trial.heal();
      return trial.judge();
    };
    expect(await lived(true)).toBeGreaterThan(0);
    await expect(lived(false)).rejects.toThrow('less than or equal to 2');
  }, 120_000);
});
