import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pause } from '../load.ts';
import { shopClient } from '../shop-client.ts';
import { type SmallDisk, smallDisk, whyNoSmallDisk } from '../small-disk.ts';
import { Fleet } from './fleet.ts';
import { patienceMs, tallied } from './fleettally.ts';
import { type Server, serverFolder, serverMissing, startOwnServer } from './pgserver.ts';

const missing = serverMissing() ?? whyNoSmallDisk();
/** As little of everything as PostgreSQL takes. */
const settings = ['wal_keep_size=0', 'min_wal_size=2MB', 'max_wal_size=4MB', 'shared_buffers=16MB'];

/** Fills a disk up to its last bytes; disposed of, there is room again. */
function fill(path: string): Disposable {
  const ballast = join(path, 'ballast');
  const { bavail, bsize } = statfsSync(path);
  try {
    writeFileSync(ballast, Buffer.alloc(bavail * bsize));
  } catch {
    // As full as it gets.
  }
  return { [Symbol.dispose]: () => rmSync(ballast) };
}

/** Two servers on a database whose disk is filled under load, and has room again afterwards. */
async function playFullDisk(
  { disk, server }: { readonly disk: SmallDisk; readonly server: Server },
  whenFull: (fleet: Fleet) => Promise<void>,
) {
  await using fleet = new Fleet({ seed: 20261130, store: server.url, ways: [server.url, server.url], writers: 6 });
  await fleet.begin();
  await fleet.accepts(20, patienceMs);
  {
    using _ = fill(disk.path);
    await expect.poll(() => fleet.said(0), { timeout: patienceMs }).toMatch(/STORAGE_FULL|STORE_UNAVAILABLE/);
    await whenFull(fleet);
  }
  if (server.hasEnded) await server.start(...settings);
  for (const one of [0, 1]) expect(await fleet.probe(one, patienceMs), fleet.said(one)).toBeDefined();
  await fleet.accepts(20, patienceMs);
  const { findings, answers } = await tallied(fleet);
  console.log(JSON.stringify(answers));
  expect(findings).toEqual([]);
  return answers;
}

describe.skipIf(missing !== undefined)(missing === undefined ? 'a database' : `a database (skipped: ${missing})`, () => {
  test('whose disk is full has commands told so, not reads; they go on when there is room, and nothing is lost', async () => {
    using disk = smallDisk(160);
    using wal = serverFolder();
    const flags = ['--wal-segsize=1', `--waldir=${join(wal.path, 'wal')}`];
    await using own = await startOwnServer({ parent: disk.path, flags, settings });
    const answers = await playFullDisk({ disk, server: own.server }, async (fleet) => {
      expect((await fetch(new URL('/health', fleet.urlOf(0)))).status).toBe(200);
      expect(await shopClient(fleet.urlOf(0)).stockOf('heart')).toEqual(expect.any(Number));
    });
    expect(answers['STORAGE_FULL']).toBeGreaterThan(0);
  }, 300_000);

  test('whose write-ahead log is on the disk that is full, too, loses nothing, whether it ends of that or not', async () => {
    using disk = smallDisk(160);
    await using own = await startOwnServer({ parent: disk.path, flags: ['--wal-segsize=1'], settings });
    await playFullDisk({ disk, server: own.server }, () => pause(5_000));
  }, 300_000);
});
