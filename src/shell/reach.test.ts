import { expect, test } from 'vitest';
import { limits, systemTimers, VarveError } from '#base';
import { lookAt } from './reach.ts';

test('what answers is well, and what does not says why, each time anew', async () => {
  const answers = [() => 7, () => Promise.reject(new VarveError({ code: 'LOG_BUSY', message: 'no', hint: 'Wait.' })), () => 8];
  const look = lookAt(async () => answers.shift()?.());
  expect([await look(), await look(), await look()]).toEqual(['ok', 'LOG_BUSY', 'ok']);
});

test('a fault that nobody has words for is one of a store that is away', async () => {
  expect(await lookAt(() => Promise.reject(new Error('reset')))()).toBe('STORE_UNAVAILABLE');
});

test('what does not answer in time counts as away, and is not asked again before it has', async () => {
  const asked: PromiseWithResolvers<void>[] = [];
  const waits: { ms: number; call: () => void }[] = [];
  const after = (ms: number, call: () => void) => {
    waits.push({ ms, call });
    return () => undefined;
  };
  const look = lookAt(
    () => {
      const answer = Promise.withResolvers<void>();
      asked.push(answer);
      return answer.promise;
    },
    { ...systemTimers, after },
  );
  const [one, two] = [look(), look()];
  expect(waits.map(({ ms }) => ms)).toEqual([limits.healthWaitMs, limits.healthWaitMs]);
  for (const { call } of waits) call();
  expect([await one, await two, asked.length]).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE', 1]);
  const three = look();
  asked[0]?.resolve();
  expect([await three, asked.length]).toEqual(['ok', 1]);
  const four = look();
  asked[1]?.resolve();
  expect([await four, asked.length]).toEqual(['ok', 2]);
});
