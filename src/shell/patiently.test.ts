import { expect, test, vi } from 'vitest';
import { VarveError } from '#base';
import { patiently } from './patiently.ts';

// The limits that stand are too far away for a test: these are in their places.
vi.mock('#base', async (original) => {
  const base = await original<typeof import('#base')>();
  return { ...base, limits: { ...base.limits, rebuildBusyWaitMs: 2_000, rebuildBusyPauseMs: 50 } };
});

const fault = (code: string) => new VarveError({ code, message: 'Not now.', hint: 'Later.' });

/** Fails so often, and counts how often it was tried. */
function failing(times: number, code: string, isBegun = false) {
  const tries: number[] = [];
  const work = async (begun: () => void) => {
    tries.push(performance.now());
    if (isBegun) begun();
    if (tries.length <= times) throw fault(code);
    return 'done';
  };
  return { tries, done: patiently(work) };
}

test('what is busy before it has begun is tried again after a while, for a while', async () => {
  const { tries, done } = failing(3, 'LOG_BUSY');
  expect(await done).toBe('done');
  expect(tries).toHaveLength(4);
  expect((tries.at(-1) ?? 0) - (tries[0] ?? 0)).toBeGreaterThan(140);
  const never = failing(1_000, 'LOG_BUSY');
  await expect(never.done).rejects.toMatchObject({ code: 'LOG_BUSY' });
  expect((never.tries.at(-1) ?? 0) - (never.tries[0] ?? 0)).toBeGreaterThan(1_900);
  // So often where no pause comes late.
  expect(never.tries.length).toBeLessThan(45);
});

test('what has begun, or fails otherwise, is not tried again', async () => {
  for (const one of [failing(1, 'LOG_BUSY', true), failing(1, 'STORE_UNAVAILABLE')]) {
    await expect(one.done).rejects.toBeInstanceOf(VarveError);
    expect(one.tries).toHaveLength(1);
  }
});
