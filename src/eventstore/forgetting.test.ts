import { expect, test } from 'vitest';
import { limits } from '#base';
import { newEvent } from './events.fixture.ts';
import { forgetReceipts } from './forgetting.ts';
import { openMemoryStore } from './memory/memory.ts';
import { forgottenId } from './port.ts';

const at = (ms: number) => new Date(ms);

/** A log with an event a millisecond, from 1, and a receipt of each. */
async function logOf(count: number) {
  const log = openMemoryStore();
  const metadataAt = (position: number) => ({ commandId: `c${position}`, correlationId: 'talk', causationId: null, actor: null });
  await log.append(Array.from({ length: count }, (_, i) => newEvent('a-1', { recordedAt: at(i + 1), metadata: metadataAt(i + 1) })));
  await log.transaction(async (own) => {
    for (let position = 1; position <= count; position++)
      await own.keepReceipt({ commandId: `c${position}`, inputHash: 'h', outcome: '{}', position });
  });
  return log;
}

async function keptIn(log: Awaited<ReturnType<typeof logOf>>, count: number): Promise<readonly number[]> {
  const receipts = await Promise.all(Array.from({ length: count }, (_, i) => log.receipt(`c${i + 1}`)));
  return receipts.flatMap((receipt) => (receipt ? [receipt.position] : []));
}

test.each([
  [0, 0],
  [1, 0],
  [2, 1],
  [5, 4],
  [8, 7],
  [99, 7],
])('before the moment %i the receipts of %i commands are forgotten, of seven', async (ms, gone) => {
  const log = await logOf(7);
  await forgetReceipts(log, at(ms));
  expect(await keptIn(log, 7)).toEqual([1, 2, 3, 4, 5, 6, 7].slice(gone));
  expect((await log.receipt(forgottenId))?.position).toBe(gone === 0 ? undefined : gone);
});

test('many are forgotten a page a transaction, and whoever breaks it off finds the rest gone the next time', async () => {
  const count = 2 * limits.receiptsForgottenMax + 1;
  const log = await logOf(count);
  let asked = 0;
  await forgetReceipts(log, at(count + 1), () => ++asked > 1);
  expect(await keptIn(log, count)).toHaveLength(count - limits.receiptsForgottenMax);
  await forgetReceipts(log, at(count + 1));
  expect(await keptIn(log, count)).toEqual([]);
});

test('an empty log has nothing to forget', async () => {
  const log = openMemoryStore();
  await forgetReceipts(log, at(9));
  expect(await log.receipt(forgottenId)).toBeUndefined();
});
