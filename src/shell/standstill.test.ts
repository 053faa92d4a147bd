import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { liveRows } from '#livestream';
import { house, lamps, switchLamp } from './lamps.fixture.ts';
import { open } from './open.ts';

const commandTimeMaxMs = 300;

async function opened() {
  const folder = mkdtempSync(join(tmpdir(), 'varve-standstill-'));
  const engine = await open(house, folder, { writer: 'thread', commandTimeMaxMs });
  onTestFinished(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });
  return { ...engine, file: join(folder, 'varve.db') };
}

test.each([
  ['decider', 77],
  ['projection', 88],
  ['input', 66],
])('a command whose %s never ends fails alone: those before, beside and after it are accepted once', async (_, never) => {
  const { send, ...rest } = await opened();
  const stream = liveRows(rest, { table: lamps, key: 'a', conditions: [] }, { snapshotRowsMax: 0 })[Symbol.asyncIterator]();
  expect((await stream.next()).value).toMatchObject({ kind: 'SNAPSHOT', position: 0 });
  const switched = (times: number, commandId: string) => send(switchLamp, { lampId: 'a', times }, { commandId });
  expect(await switched(1, 'before')).toMatchObject({ position: 1 });
  const results = await Promise.allSettled([1, never, 1, 1].map((times, place) => switched(times, `beside-${place}`)));
  expect(results).toMatchObject([
    { value: { accepted: true } },
    {
      reason: {
        code: 'COMMAND_TOO_SLOW',
        message: 'The command switchLamp (beside-1) stood still for 0.3 s while it was decided.',
        hint: expect.stringContaining('loop'),
        retryable: false,
      },
    },
    { value: { accepted: true } },
    { value: { accepted: true } },
  ]);
  expect(await switched(1, 'after')).toMatchObject({ position: 5, row: { times: 5 } });
  // The receipts of before are known to the thread that took its place.
  expect(await switched(1, 'before')).toMatchObject({ position: 1, replayed: true });
  const messages = [];
  for (let i = 0; i < 5; i += 1) messages.push((await stream.next()).value);
  expect(messages).toMatchObject([1, 2, 3, 4, 5].map((times) => ({ kind: 'CHANGED', position: times, row: { times } })));
  await stream.return();
  expect([rest.position(), await rest.log.position()]).toEqual([5, 5]);
});

test('one after another is given up, also while it closes, and what waits is answered', async () => {
  const { send, close } = await opened();
  const sent = [77, 1, 88, 2].map((times) => send(switchLamp, { lampId: 'a', times }));
  const results = Promise.allSettled(sent);
  await close();
  expect((await results).map((result) => (result.status === 'fulfilled' ? result.value.accepted : result.reason.code))).toEqual([
    'COMMAND_TOO_SLOW',
    true,
    'COMMAND_TOO_SLOW',
    true,
  ]);
});

const table = '/proc/locks';

/** The locks that this process has on a file: by them others see that it is in use, and leave its write-ahead log alone. */
const locksOn = (file: string): number =>
  readFileSync(table, 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${statSync(file).ino} `)).length;

test.skipIf(!existsSync(table))(
  'a thread that takes the place of another leaves the process its locks on the log (skipped where there is no /proc/locks)',
  async () => {
    const { send, file } = await opened();
    await send(switchLamp, { lampId: 'a', times: 1 });
    const before = locksOn(file);
    expect(before).toBeGreaterThan(0);
    await expect(send(switchLamp, { lampId: 'a', times: 77 })).rejects.toMatchObject({ code: 'COMMAND_TOO_SLOW' });
    await send(switchLamp, { lampId: 'a', times: 1 });
    expect(locksOn(file)).toBe(before);
  },
);
