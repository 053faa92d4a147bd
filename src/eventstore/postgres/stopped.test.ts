import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { newEvent } from '../events.fixture.ts';
import { describePostgres, logsOfTest, newLog, testUrl } from './postgres.fixture.ts';

/** A process that holds the lock, with an event that it is about to commit, until it is told to go on. */
const program = (log: string) => `
  import { once } from 'node:events';
  import { openPostgresStore } from ${JSON.stringify(join(import.meta.dirname, 'postgres.ts'))};
  const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
  const lost = { eventId: 'lost', stream: 'lost', type: 'Happened', schemaVersion: 1, data: '{}', tags: [], metadata, recordedAt: new Date(0) };
  const store = await openPostgresStore(${JSON.stringify(testUrl())}, { log: ${JSON.stringify(log)}, lockHoldMs: 300 });
  const ended = store.transaction(async (transaction) => {
    await transaction.append([lost]);
    console.log('holds');
    await once(process.stdin, 'data');
  });
  console.log(await ended.then(() => 'COMMITTED', ({ code }) => code));
  console.log((await store.append([{ ...lost, eventId: 'next', stream: 'next' }])).length);
  await store.close();
  process.exit();
`;

function start(log: string): ChildProcess {
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', program(log)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void holder.kill('SIGKILL'));
  return holder;
}

describePostgres('a process that is stopped while it holds the lock', () => {
  test('holds nobody up for long, does not commit when it goes on, and then works as before', async () => {
    const [logs, log] = [logsOfTest(), newLog()];
    const other = await logs.open({ log });
    const holder = start(log);
    const said: string[] = [];
    if (holder.stdout) createInterface(holder.stdout).on('line', (line) => said.push(line));
    await expect.poll(() => said, { timeout: 15_000 }).toEqual(['holds']);
    holder.kill('SIGSTOP');
    const begun = performance.now();
    await other.append([newEvent('kept')]);
    expect(performance.now() - begun).toBeLessThan(3_000);
    // It goes on by the very thing that it waited for: nothing tells it first that its connection is gone.
    holder.stdin?.write('\n');
    holder.kill('SIGCONT');
    await once(holder, 'exit');
    expect(said).toEqual(['holds', 'STORE_UNAVAILABLE', '1']);
    expect((await other.read('all')).map(({ stream }) => stream)).toEqual(['kept', 'next']);
  }, 30_000);
});
