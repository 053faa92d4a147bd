import fc from 'fast-check';
import type { Life, Plan, Step } from './play.fixture.ts';
import { generous } from './stage.fixture.ts';

const by = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
/** What happens, and how often. */
const frequencies = { open: 4, pay: 20, repaint: 4, connect: 12, cut: 1, stall: 3, wake: 1, pass: 1, rest: 1 } as const;
const does = fc.oneof(...Object.entries(frequencies).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name as Step['does']) })));
const step: fc.Arbitrary<Step> = fc.record({ does, by });
const tiny = fc.record({
  messagesMax: fc.constantFrom(1, 2, 5, 20),
  bytesMax: fc.constantFrom(10, 30, 1_000),
  allBytesMax: fc.constantFrom(10, 50, 1_000),
  runBytesMax: fc.constantFrom(1, 20, 1_000),
});
const life: fc.Arbitrary<Life> = fc.record({
  seed: fc.integer(),
  // Most limits are so tiny that they are crossed.
  backlog: fc.oneof({ weight: 3, arbitrary: tiny }, { weight: 1, arbitrary: fc.constant(generous) }),
  pageChangesMax: fc.constantFrom(1, 2, 3, 500),
  slowOneIn: fc.constantFrom(0, 0, 1, 3),
  steps: fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }),
});

/** Plays of so many lives at most. */
export const plans = (livesMax: number): fc.Arbitrary<Plan> =>
  fc.record({
    journalPositionsMax: fc.constantFrom(1, 3, 10, 100, generous.journalPositionsMax),
    lives: fc.array(life, { minLength: 1, maxLength: livesMax, size: 'max' }),
  });
