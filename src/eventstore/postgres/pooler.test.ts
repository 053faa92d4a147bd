import { expect, onTestFinished, test } from 'vitest';
import { newEvent } from '../events.fixture.ts';
import { startPooler } from './pooler.fixture.ts';
import { describePostgres, logsOfTest, newLog, testUrl } from './postgres.fixture.ts';

describePostgres('through a pooler in transaction mode that forgets all sessions', () => {
  const setup = async () => {
    const pooler = await startPooler(testUrl(), 3);
    onTestFinished(() => pooler[Symbol.asyncDispose]());
    return { pooler, logs: logsOfTest() };
  };

  test('a log is opened, written to and read by several connections at once', async () => {
    const { pooler, logs } = await setup();
    const log = newLog();
    const one = await logs.open({ url: pooler.url, listenUrl: testUrl(), log });
    const two = await logs.open({ url: pooler.url, listenUrl: testUrl(), log });
    const ahead: number[] = [];
    two.follow((position) => ahead.push(position));
    const write = async (store: typeof one, stream: string) => {
      for (let i = 0; i < 20; i++) await store.append([newEvent(stream, { tags: ['x:1'] })]);
    };
    await Promise.all([write(one, 'a-1'), write(two, 'b-1')]);
    const position = await one.position();
    expect(position).toBe(40);
    expect((await two.read([{ tags: ['x:1'] }])).map((event) => event.position)).toEqual(Array.from({ length: position }, (_, i) => i + 1));
    await expect.poll(() => ahead.at(-1)).toBe(position);
    // Each store has one to write by and one to read by, and none of them broke.
    expect(pooler.clients).toBe(4);
    expect(pooler.turns.every((turns) => turns > 5)).toBe(true);
  });
});
