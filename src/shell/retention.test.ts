import { expect, onTestFinished, test, vi } from 'vitest';
import { fixedClock, limits, VarveError } from '#base';
import { codecOf, dispatcher } from '#command';
import { openMemoryStore } from '#eventstore';
import { memoryJournal, memoryRows } from '#readtable';
import { house, switchLamp } from './lamps.fixture.ts';
import { withRetention } from './retention.ts';

const dayMs = 86_400_000;

/** A writer in memory whose receipts are kept for so many days of its clock; and what it was told of faults. */
function opened(receiptsDays?: number) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const [log, clock] = [openMemoryStore(), fixedClock(new Date('2026-11-01T00:00:00Z'))];
  const parts = { log, rows: memoryRows(), journal: memoryJournal(), projections: house.projections, codec: codecOf(house), clock };
  const faults: unknown[] = [];
  const failing: { fault?: unknown } = {};
  const watched: typeof log = {
    ...log,
    transaction: async (work) => {
      if (failing.fault) throw failing.fault;
      return log.transaction(work);
    },
  };
  const writer = withRetention(dispatcher(parts), watched, { receiptsDays, clock, onFault: (fault) => faults.push(fault) });
  onTestFinished(() => writer.close());
  const switched = (commandId: string) => writer.send(switchLamp, { lampId: 'a', times: 1 }, { commandId });
  const hourPasses = async (ms: number) => {
    clock.advance(ms);
    vi.advanceTimersByTime(limits.receiptsForgottenEachMs);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  };
  return { log, faults, failing, switched, hourPasses, writer };
}

test('a command is known for as long as was said, and then takes effect again', async () => {
  const { switched, hourPasses } = opened(30);
  expect(await switched('early')).toMatchObject({ position: 1, replayed: false });
  await hourPasses(20 * dayMs);
  expect(await switched('late')).toMatchObject({ position: 2, replayed: false });
  expect(await switched('early')).toMatchObject({ position: 1, replayed: true });
  await hourPasses(10 * dayMs + 1);
  expect(await switched('late')).toMatchObject({ position: 2, replayed: true });
  expect(await switched('early')).toMatchObject({ position: 3, replayed: false });
  expect(await switched('early')).toMatchObject({ position: 3, replayed: true });
});

test('where nothing is said it is known for ever', async () => {
  const { switched, hourPasses } = opened();
  await switched('early');
  await hourPasses(100_000 * dayMs);
  expect(await switched('early')).toMatchObject({ position: 1, replayed: true });
});

test('a disk that fails is no fault of forgetting, which is tried again; a bug is told', async () => {
  const { switched, hourPasses, failing, faults } = opened(1);
  await switched('early');
  failing.fault = new VarveError({ code: 'STORAGE_FULL', message: 'The disk is full.', hint: 'Make room.', retryable: true });
  await hourPasses(2 * dayMs);
  expect([faults, await switched('early')]).toEqual([[], expect.objectContaining({ replayed: true })]);
  failing.fault = new Error('a bug');
  await hourPasses(0);
  expect(faults).toEqual([failing.fault]);
  delete failing.fault;
  await hourPasses(0);
  expect(await switched('early')).toMatchObject({ replayed: false });
});

test('closed, it forgets no more', async () => {
  const { log, switched, hourPasses, writer } = opened(1);
  await switched('early');
  await writer.close();
  await hourPasses(2 * dayMs);
  expect(await log.receipt('early')).toMatchObject({ position: 1 });
});
