import { expect, onTestFinished, test, vi } from 'vitest';
import { describePostgres, newPlace } from '../src/shell/postgres.fixture.ts';
import { bell, positionsIn, reach, rungIn, startBells } from './bells.ts';
import { runVarve, temporaryFolder } from './server-process.ts';

vi.setConfig({ testTimeout: 90_000 });

/** Starts servers of one log in a database, until the test is over. */
function onOneLog() {
  const { path, [Symbol.dispose]: remove } = temporaryFolder();
  onTestFinished(remove);
  const { url: store, log } = newPlace();
  return {
    path,
    flags: ['--store', store, '--log', log],
    start: async () => {
      const server = await startBells(path, { store, log });
      onTestFinished(() => server[Symbol.asyncDispose]());
      return server;
    },
  };
}

describePostgres('of several servers on one log', () => {
  test('one runs a reaction; where it is killed, or stands still, another goes on where it was, and is left alone when it wakes', async () => {
    const { path, start } = onOneLog();
    const servers = await Promise.all([start(), start()]);
    await servers[0].switched(1);
    await reach(path, 1);
    const [holder, other] = servers[0].pid === rungIn(path)[0]?.pid ? servers : servers.toReversed();
    if (!holder || !other) throw new Error('there are two');
    // 33 never ends at its first attempt.
    await other.switched(33);
    await reach(path, 1, 2);
    expect(await holder.end('SIGKILL')).toBe('SIGKILL');
    await other.switched(1);
    await reach(path, 1, 2, 2, 3);

    const third = await start();
    await third.switched(33);
    await reach(path, 1, 2, 2, 3, 4);
    process.kill(other.pid, 'SIGSTOP');
    await third.switched(1);
    await reach(path, 1, 2, 2, 3, 4, 4, 5);
    process.kill(other.pid, 'SIGCONT');
    await expect.poll(() => other.log(), { timeout: 30_000 }).toContain('REACTION_LEASE_LOST');
    for (const server of [other, third]) await server.switched(1);
    await reach(path, 1, 2, 2, 3, 4, 4, 5, 6, 7);
    for (const server of [other, third]) await expect.poll(() => server.reactions(), { timeout: 10_000 }).toEqual(bell(7));
    const byPid = Map.groupBy(rungIn(path), ({ pid }) => pid);
    const rungBy = [holder, other, third].map(({ pid }) => byPid.get(pid)?.map(({ position }) => position));
    expect(rungBy).toEqual([
      [1, 2],
      [2, 3, 4],
      [4, 5, 6, 7],
    ]);
    expect(new Set(rungIn(path).map(({ key }) => key)).size).toBe(7);
  });

  test('each says how a reaction stands; an operator has it pass over an event; one that ends leaves it to the other at once', async () => {
    const { path, flags, start } = onOneLog();
    const one = await start();
    // 31 always fails.
    await one.switched(31);
    const two = await start();
    for (const server of [one, two]) await expect.poll(() => server.reactions(), { timeout: 10_000 }).toEqual(bell(0, 1, true));
    const skipped = await runVarve('reactions', 'skip', 'bell', ...flags, '--json');
    expect([skipped.err, JSON.parse(skipped.out)]).toMatchObject(['', { name: 'bell', position: 1, type: 'Switched', stream: 'lamp-a' }]);
    for (const server of [one, two]) await expect.poll(() => server.reactions(), { timeout: 10_000 }).toEqual(bell(1));
    expect(await runVarve('reactions', ...flags)).toMatchObject({ code: 0, out: 'bell: through with all up to position 1, 0 behind\n' });
    const none = await runVarve('reactions', 'skip', 'bell', ...flags, '--json');
    expect([none.code, JSON.parse(none.err)]).toMatchObject([1, { code: 'NOTHING_TO_SKIP' }]);

    expect(await one.end('SIGTERM')).toBe(0);
    await two.switched(1);
    await expect.poll(() => positionsIn(path).at(-1), { timeout: 10_000 }).toBe(2);
    expect(rungIn(path).at(-1)?.pid).toBe(two.pid);
    expect(await two.end('SIGTERM')).toBe(0);
  });
});
