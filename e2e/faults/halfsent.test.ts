import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limits } from '#base';
import { withClient } from './database.ts';
import { asked, serverMissing, startOwnServer } from './pgserver.ts';

/** Why no network can be made, and cut, for a test alone; undefined where one can. */
function networkMissing(): string | undefined {
  try {
    execFileSync('unshare', ['--net', 'sh', '-c', 'ip link set lo up && setpriv --version && nsenter --version'], { stdio: 'pipe' });
    return undefined;
  } catch (fault) {
    return `no network of its own can be made (${String(fault).trim().split('\n').at(-1)})`;
  }
}

const missing = serverMissing() ?? networkMissing();
const title = 'a process that the network cuts off amid a statement, with the lock';
/** What a machine that is busy with other tests adds to any time. */
const slowMs = 10_000;

const rebuildLock = `SELECT pg_try_advisory_xact_lock(hashtextextended('varve rebuild "halves"', 0))`;

/** Tries to get a log's lock; answers after how long it had it, undefined where it had not by then. */
async function lockedAfter(url: string, withinMs: number): Promise<number | undefined> {
  return withClient(url, async (client) => {
    await client.query(`SET lock_timeout = ${withinMs}`);
    const begun = performance.now();
    const locked = client.query('SELECT is_lock FROM halves.write_lock FOR UPDATE');
    return locked.then(
      () => performance.now() - begun,
      (fault) => (fault.code === '55P03' ? undefined : Promise.reject(fault)),
    );
  });
}

describe.skipIf(missing !== undefined)(missing === undefined ? title : `${title} (skipped: ${missing})`, () => {
  test('loses it, though the server waits for the rest without an end as long as the network says nothing', async () => {
    await using own = await startOwnServer({ isApart: true });
    const { pid, url, outsideUrl } = own.server;
    const inside = ['--target', String(pid), '--net'];
    const sender = spawn('nsenter', [...inside, process.execPath, join(import.meta.dirname, 'halfsender.ts'), url, 'halves'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      expect(String((await once(sender.stdout, 'data'))[0])).toBe('held\n');
      // The control: there is no other end to it.
      expect(await lockedAfter(outsideUrl, limits.lockHoldMs + 2_000)).toBeUndefined();
      expect(await asked(outsideUrl, rebuildLock)).toBe(false);
      execFileSync('nsenter', [...inside, 'ip', 'link', 'set', 'lo', 'down']);
      expect(await lockedAfter(outsideUrl, limits.lockHoldMs + slowMs)).toBeDefined();
      await expect.poll(() => asked(outsideUrl, rebuildLock), { timeout: limits.storeAnswerWaitMs + slowMs, interval: 500 }).toBe(true);
    } finally {
      sender.kill('SIGKILL');
    }
  }, 120_000);
});
