import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { liveRows } from '#livestream';
import type { Change } from '#projector';
import { readOnce } from '#readtable';
import { house, lamps, switchLamp, unexported } from './lamps.fixture.ts';
import { type Engine, type OpenOptions, open } from './open.ts';

let folder = '';
let engine: Engine | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-thread-'));
});
afterEach(async () => {
  await engine?.close();
  engine = undefined;
  rmSync(folder, { recursive: true });
});

async function opened(options: OpenOptions = {}): Promise<Engine> {
  engine = await open(house, folder, { writer: 'thread', ...options });
  return engine;
}

async function timesOf({ snapshots }: Engine, lampId: string): Promise<unknown> {
  const lamp = await readOnce(snapshots, (snapshot) => snapshot.row(lamps, lampId));
  return lamp?.['times'];
}

test('what a thread of its own accepts is durable, and seen by every read, when it is answered', async () => {
  const { send, ...rest } = await opened();
  const outcomes = await Promise.all(Array.from({ length: 200 }, (_, i) => send(switchLamp, { lampId: `l-${i % 10}`, times: 1 })));
  expect(outcomes.map((outcome) => outcome.accepted && outcome.position)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  expect(outcomes.at(-1)).toMatchObject({ replayed: false, id: 'l-9', row: { lampId: 'l-9', times: 20 } });
  expect([rest.position(), await rest.log.position(), await timesOf({ send, ...rest }, 'l-3')]).toEqual([200, 200, 20]);
});

test('a command that is refused, or whose code throws, ends as it does in one thread, with the stack of where it broke', async () => {
  const { send } = await opened();
  const results = await Promise.allSettled([-1, 13, 2].map((times) => send(switchLamp, { lampId: 'a', times })));
  expect(results).toMatchObject([
    { value: { accepted: false, refusal: { rejection: 'Stuck', data: { lampId: 'a' } } } },
    {
      reason: {
        name: 'VarveError',
        code: 'BUG',
        cause: { message: 'the filament broke', stack: expect.stringContaining('lamps.fixture') },
      },
    },
    { value: { accepted: true, position: 1 } },
  ]);
});

test('an input that cannot leave its thread fails alone, and says so', async () => {
  const { send } = await opened();
  const results = await Promise.allSettled([
    send(switchLamp, { lampId: 'a', times: 1 }),
    send(switchLamp, { lampId: 'a', times: () => 1 }),
    send(switchLamp, { lampId: 'a', times: 1 }),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(results[1]).toMatchObject({ reason: { code: 'BUG', message: expect.stringContaining('switchLamp') } });
});

test('who watches is told of each change with its cause, also of those that come when nobody watched before', async () => {
  const { send, hub } = await opened();
  await send(switchLamp, { lampId: 'a', times: 1 });
  const seen: Change[] = [];
  hub.watchRows({ table: lamps, key: 'a', conditions: [] }, { take: (part) => seen.push(...part), miss: () => seen.splice(0) });
  await Promise.all([2, 3].map((times) => send(switchLamp, { lampId: 'a', times })));
  expect(seen.map(({ table, before, after, cause }) => [table, before?.['times'], after?.['times'], cause.position])).toEqual([
    [lamps, 1, 3, 2],
    [lamps, 3, 6, 3],
  ]);
  expect(hub.hasReached(3) && !hub.hasReached(4)).toBe(true);
});

test('who watches and cannot be told of a commit reads it from where it is stored: it misses nothing', async () => {
  const faults: unknown[] = [];
  const { send, ...rest } = await opened({ onFault: (fault) => faults.push(fault) });
  const stream = liveRows(rest, { table: lamps, key: 'a', conditions: [] }, { snapshotRowsMax: 0 })[Symbol.asyncIterator]();
  expect((await stream.next()).value).toMatchObject({ kind: 'SNAPSHOT', position: 0 });
  const { hub } = rest;
  const broken = new Error('the commit could not be read');
  const publish = hub.publishOf.bind(hub);
  hub.publishOf = (position) =>
    publish(position, () => {
      throw broken;
    });
  await send(switchLamp, { lampId: 'a', times: 1 });
  hub.publishOf = publish;
  await send(switchLamp, { lampId: 'a', times: 2 });
  expect([(await stream.next()).value, (await stream.next()).value]).toMatchObject([
    { kind: 'CHANGED', position: 1, row: { times: 1 } },
    { kind: 'CHANGED', position: 2, row: { times: 3 } },
  ]);
  expect(faults).toEqual([broken]);
  await stream.return();
});

test('closed, it answers what was sent, refuses what comes after, and lets the folder go', async () => {
  const { send, close } = await opened();
  const sent = Array.from({ length: 50 }, () => send(switchLamp, { lampId: 'a', times: 1 }));
  const closed = close();
  await expect(send(switchLamp, { lampId: 'a', times: 1 })).rejects.toMatchObject({ code: 'SHUTTING_DOWN', retryable: true });
  expect((await Promise.all(sent)).every(({ accepted }) => accepted)).toBe(true);
  await closed;
  const { log } = await opened();
  expect(await log.position()).toBe(50);
});

test('where the thread breaks, whoever waits is told, and so is whoever opened it', async () => {
  const broken = Promise.withResolvers<unknown>();
  const { send } = await opened({ onBroken: broken.resolve });
  await send(switchLamp, { lampId: 'a', times: 1 });
  const results = await Promise.allSettled([99, 1].map((times) => send(switchLamp, { lampId: 'a', times })));
  expect(await broken.promise).toMatchObject({ code: 'WRITER_BROKEN', retryable: true, cause: { message: 'the fuse blew' } });
  // They may have been answered before.
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'WRITER_BROKEN' });
  await expect(send(switchLamp, { lampId: 'a', times: 1 })).rejects.toMatchObject({ code: 'WRITER_BROKEN' });
});

test('a rebuild is told of as it goes, and broken off by what whoever is told throws', async () => {
  const told: number[] = [];
  const { close } = await opened({ onRebuild: (_, { total }) => told.push(total) });
  expect(told.length).toBeGreaterThan(0);
  await close();
  rmSync(folder, { recursive: true });
  const stopped = new Error('stopped');
  const onRebuild = () => {
    throw stopped;
  };
  await expect(opened({ onRebuild })).rejects.toBe(stopped);
  expect((await opened()).position()).toBe(0);
});

test('what is wrong at a start is told as by one thread', async () => {
  writeFileSync(join(folder, 'varve.db'), 'a letter to my aunt'.repeat(100));
  await expect(opened()).rejects.toMatchObject({
    code: 'NOT_A_LOG',
    message: expect.stringContaining('varve.db'),
    hint: expect.any(String),
  });
  rmSync(join(folder, 'varve.db'));
  await expect(open(unexported(), folder, { writer: 'thread' })).rejects.toMatchObject({
    code: 'BUG',
    message: expect.stringContaining('annexe'),
  });
  await expect(open({ ...house, module: undefined }, folder, { writer: 'thread' })).rejects.toMatchObject({
    code: 'BUG',
    hint: expect.stringContaining('import.meta.url'),
  });
});

test('a server whose writer breaks says so in one line, and ends', () => {
  const script = `
    import { serve } from ${JSON.stringify(join(import.meta.dirname, 'serve.ts'))};
    import { openLogger } from ${JSON.stringify(join(import.meta.dirname, 'logger.ts'))};
    import { house } from ${JSON.stringify(join(import.meta.dirname, 'lamps.fixture.ts'))};
    const { url } = await serve(house, { port: 0, host: '127.0.0.1', place: { folder: ${JSON.stringify(join(folder, 'data'))} }, origins: [], plain: false }, openLogger('error'));
    const query = 'mutation { switchLamp(input: { lampId: "a", times: 99 }) { __typename } }';
    await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) }).catch(() => {});
    setTimeout(() => {}, 60_000);`;
  const file = join(folder, 'served.mjs');
  writeFileSync(file, script);
  const { status, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  expect(status).toBe(70);
  const lines = stderr
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines).toMatchObject([{ level: 60, err: { code: 'WRITER_BROKEN', message: expect.stringContaining('the fuse blew') } }]);
});
