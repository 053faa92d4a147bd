import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { limits } from '#base';
import { registerUser, shop } from '#shop';
import { configure } from './configuration.ts';
import { open } from './open.ts';
import { serve } from './serve.ts';
import { stopSignals } from './signals.ts';

const logger = pino({ level: 'silent' });
const listeners = () => process.listeners('SIGTERM');
/** What listened for the signal last hears it. */
const tell = () => listeners().at(-1)?.('SIGTERM');

test('a signal is remembered until there is something to stop, and then stops it at once', () => {
  const before = listeners();
  const signals = stopSignals(logger);
  signals.check();
  tell();
  expect(() => signals.check()).toThrow(expect.objectContaining({ code: 'STOPPED' }));
  const stop = vi.fn(async () => {});
  signals.call(stop);
  expect(stop).toHaveBeenCalledOnce();
  signals.leave();
  expect(listeners()).toEqual(before);
});

test('a start that is told to stop while it rebuilds breaks off, and the next one rebuilds', async () => {
  const data = mkdtempSync(join(tmpdir(), 'varve-signals-'));
  onTestFinished(() => rmSync(data, { recursive: true }));
  const engine = await open(shop, data);
  const ids = Array.from({ length: limits.readEventsMax + 1 }, (_, i) => `u${i}`);
  await Promise.all(ids.map((userId) => engine.send(registerUser, { userId, username: userId })));
  await engine.close();
  const changed = new Database(join(data, 'varve.db'));
  changed.exec("UPDATE read_tables SET hash = 'x'");
  changed.close();

  const before = listeners();
  const starting = serve(shop, configure({ port: '0', data }, {}), logger);
  tell();
  await expect(starting).rejects.toMatchObject({ code: 'STOPPED' });
  expect(listeners()).toEqual(before);
  expect(readdirSync(data).sort()).toEqual(['lock', 'rebuild.lock', 'varve.db']);

  const running = await serve(shop, configure({ port: '0', data }, {}), logger);
  const answer = await fetch(running.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ users { totalCount } }' }),
  });
  expect(await answer.json()).toMatchObject({ data: { users: { totalCount: ids.length } } });
  await running.stop();
  expect(listeners()).toEqual(before);
});
