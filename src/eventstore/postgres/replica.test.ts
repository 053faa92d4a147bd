import { expect, onTestFinished, test } from 'vitest';
import { newEvent } from '../events.fixture.ts';
import { describePostgres, logsOfTest, newLog, testUrl } from './postgres.fixture.ts';
import { openPostgresReader } from './reader.ts';
import { openPostgresReplica, type ReplicaOptions } from './replica.ts';

describePostgres('what is read from', () => {
  /** Opens it, and answers how far its log is. */
  async function positionAt(options: ReplicaOptions, url = testUrl()) {
    const replica = await openPostgresReplica(url, options);
    onTestFinished(() => replica.close());
    return replica.position();
  }

  test('has the log that is written to', async () => {
    const [log, made] = [newLog(), logsOfTest()];
    const { append, moments: primary } = await made.open({ log });
    expect(await positionAt({ log, primary })).toBe(0);
    await append([newEvent('a-1'), newEvent('a-1')]);
    expect(await positionAt({ log, primary })).toBe(2);
  });

  test('is refused where it has another one, as far or further', async () => {
    const [log, made] = [newLog(), logsOfTest()];
    const store = await made.open();
    const other = await made.open({ log });
    await other.append([newEvent('a-1')]);
    const asked = () => positionAt({ log, primary: store.moments, waitMs: 0 });
    await expect(asked()).rejects.toMatchObject({
      code: 'READ_STORE_UNRELATED',
      message: expect.stringContaining('position 1 of its log'),
    });
    await store.append([newEvent('a-1'), newEvent('a-1')]);
    await expect(asked()).rejects.toMatchObject({ code: 'READ_STORE_UNRELATED' });
  });

  test('is waited for where the log was only just made, and refused where it does not come', async () => {
    const [log, made] = [newLog(), logsOfTest()];
    const { moments: primary } = await made.open();
    await expect(positionAt({ log, primary, waitMs: 50 })).rejects.toMatchObject({
      code: 'READ_STORE_UNRELATED',
      message: expect.stringContaining(`it has no log ${log}`),
    });
    const opened = positionAt({ log, primary, waitMs: 10_000 });
    await made.open({ log });
    expect(await opened).toBe(0);
  });

  test('is read where nobody can be asked whether it is the same, and said to be away where it is', async () => {
    const [log, made] = [newLog(), logsOfTest()];
    await (await made.open({ log })).append([newEvent('a-1')]);
    const nowhere = 'postgres://nobody@127.0.0.1:1/nowhere';
    const { moments: primary, close } = openPostgresReader(nowhere, { log });
    onTestFinished(close);
    expect(await positionAt({ log, primary })).toBe(1);
    await expect(positionAt({ log, primary }, nowhere)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  });
});
