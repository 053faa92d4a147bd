import { describe, expect, onTestFinished, test } from 'vitest';
import { limits, VarveError } from '#base';
import type { Commit } from '#projector';
import { type MemoryEngine, openMemoryEngine } from './memory.ts';
import { openRemoteEngine } from './remote.fixture.ts';
import { colours, openWallet, pay, walletDomain, wallets } from './wallet.fixture.ts';

const fault = (result: PromiseSettledResult<unknown> | undefined) =>
  result?.status === 'rejected' && result.reason instanceof VarveError ? result.reason : undefined;

describe.each([
  ['in its own thread', openMemoryEngine],
  ['across a port', openRemoteEngine],
])('%s', (_, openEngine) => {
  const opened = async (...ids: readonly string[]): Promise<MemoryEngine> => {
    const engine = openEngine(walletDomain);
    onTestFinished(() => engine.close());
    for (const walletId of ids) await engine.send(openWallet, { walletId, colour: 'red' });
    return engine;
  };

  describe('a command', () => {
    test('leaves its events, its receipt and its rows', async () => {
      const engine = await opened('a');
      expect(
        await engine.send(pay, { walletId: 'a', coins: 5 }, { commandId: 'c1', correlationId: 'talk', causationId: 'cause', actor: 'ada' }),
      ).toEqual({
        accepted: true,
        position: 2,
        replayed: false,
        id: 'a',
      });
      const [event] = await engine.log.read('all', { after: 1 });
      expect(event).toMatchObject({ stream: 'wallet-a', version: 2, type: 'Paid', data: '{"coins":5,"colour":"red"}' });
      expect(event?.metadata).toEqual({ commandId: 'c1', correlationId: 'talk', causationId: 'cause', actor: 'ada' });
      expect(await engine.log.receipt('c1')).toMatchObject({ position: 2, outcome: '{"stream":"wallet-a","version":2}' });
      expect(engine.rows.all(wallets)).toEqual([{ walletId: 'a', colour: 'red', coins: 5 }]);
    });

    test('that changes nothing is accepted, at the position the log has, and keeps its receipt', async () => {
      const engine = await opened('a');
      expect(await engine.send(openWallet, { walletId: 'a', colour: 'blue' }, { commandId: 'c' })).toMatchObject({
        accepted: true,
        position: 1,
      });
      expect(await engine.log.receipt('c')).toMatchObject({ position: 1 });
    });

    test('is refused with every fault of its input, and nothing is written', async () => {
      const engine = await opened();
      const outcome = await engine.send(openWallet, { walletId: '', colour: 7 }, { commandId: '', expectedVersion: -1 });
      expect(outcome).toMatchObject({ accepted: false, refusal: { rejection: 'InvalidInput' } });
      const paths = !outcome.accepted && (outcome.refusal.data['issues'] as { path: string[] }[]).map(({ path }) => path.join('.'));
      expect(paths).toEqual(['options.commandId', 'options.expectedVersion', 'walletId', 'colour']);
      expect(await engine.log.position()).toBe(0);
    });

    test('decided on an old version is refused', async () => {
      const engine = await opened('a');
      expect(await engine.send(pay, { walletId: 'a', coins: 1 }, { expectedVersion: 0 })).toMatchObject({
        refusal: { data: { expected: 0, actual: 1 } },
      });
      expect(await engine.send(pay, { walletId: 'a', coins: 1 }, { expectedVersion: 1 })).toMatchObject({ accepted: true });
      expect(await engine.send(openWallet, { walletId: 'b', colour: 'red' }, { expectedVersion: 0 })).toMatchObject({ accepted: true });
    });

    test('that gives too many events fails alone', async () => {
      const engine = await opened('a');
      await expect(engine.send(pay, { walletId: 'a', coins: 1, times: limits.eventsPerCommandMax + 1 })).rejects.toMatchObject({
        code: 'BUG',
      });
      expect(await engine.send(pay, { walletId: 'a', coins: 1, times: limits.eventsPerCommandMax })).toMatchObject({
        position: 1 + limits.eventsPerCommandMax,
      });
    });
  });

  describe('the same commandId', () => {
    test('takes effect once, alone, at once and in one batch', async () => {
      const engine = await opened('a');
      const send = () => engine.send(pay, { walletId: 'a', coins: 1 }, { commandId: 'once' });
      const outcomes = await Promise.all(Array.from({ length: 100 }, send));
      expect(outcomes.filter((outcome) => outcome.accepted && !outcome.replayed)).toHaveLength(1);
      expect(await send()).toEqual({ accepted: true, position: 2, replayed: true, id: 'a' });
      expect(await engine.log.position()).toBe(2);
    });

    test('answers as before although the version has moved on since', async () => {
      const engine = await opened('a');
      const send = () => engine.send(pay, { walletId: 'a', coins: 1 }, { commandId: 'once', expectedVersion: 1 });
      expect(await send()).toMatchObject({ position: 2, replayed: false });
      expect(await send()).toMatchObject({ position: 2, replayed: true });
    });

    test('with another input, or for another command, is refused; another order of fields is the same input', async () => {
      const engine = await opened('a');
      await engine.send(pay, { walletId: 'a', coins: 1 }, { commandId: 'once' });
      expect(await engine.send(pay, { coins: 1, times: 1, walletId: 'a' }, { commandId: 'once' })).toMatchObject({ replayed: true });
      expect(await engine.send(pay, { walletId: 'a', coins: 2 }, { commandId: 'once' })).toMatchObject({
        refusal: { rejection: 'CommandIdReused', data: { commandId: 'once' } },
      });
      expect(await engine.send(openWallet, { walletId: 'a', colour: 'red' }, { commandId: 'once' })).toMatchObject({
        refusal: { rejection: 'CommandIdReused' },
      });
    });

    test('of a refused command may be tried again', async () => {
      const engine = await opened();
      const send = () => engine.send(pay, { walletId: 'a', coins: 1 }, { commandId: 'once' });
      expect(await send()).toMatchObject({ refusal: { rejection: 'WalletNotFound' } });
      await engine.send(openWallet, { walletId: 'a', colour: 'red' });
      expect(await send()).toMatchObject({ accepted: true, replayed: false });
    });
  });

  describe('a batch', () => {
    test('decides each command on what the ones before it did', async () => {
      const engine = await opened();
      const outcomes = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((walletId) => engine.send(openWallet, { walletId, colour: 'red' })));
      expect(outcomes.map(({ accepted }) => accepted)).toEqual([true, true, true, false, false]);
      expect(engine.rows.all(colours)).toEqual([{ colour: 'red', wallets: 3, coins: 0 }]);
    });

    test.each([
      ['decider', -1],
      ['event shape', -2],
      ['projection', 13],
    ])('loses only the command whose %s throws', async (_, coins) => {
      const engine = await opened('a');
      const results = await Promise.allSettled([
        engine.send(pay, { walletId: 'a', coins: 1 }),
        engine.send(pay, { walletId: 'a', coins }, { commandId: 'broken' }),
        engine.send(pay, { walletId: 'a', coins: 2 }),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(fault(results[1])).toMatchObject({ code: 'BUG' });
      expect(await engine.log.position()).toBe(3);
      expect(await engine.log.receipt('broken')).toBeUndefined();
      expect(engine.rows.all(wallets)).toEqual([{ walletId: 'a', colour: 'red', coins: 3 }]);
      expect(engine.rows.all(colours)).toEqual([{ colour: 'red', wallets: 1, coins: 3 }]);
    });

    test('is told of as one commit, each change of a row in order with its cause', async () => {
      const commits: Commit[] = [];
      const engine = openEngine(walletDomain, { onCommit: (commit) => commits.push(commit) });
      await Promise.all([
        engine.send(openWallet, { walletId: 'a', colour: 'red' }),
        engine.send(pay, { walletId: 'nobody', coins: 1 }),
        engine.send(pay, { walletId: 'a', coins: 1, times: 2 }),
      ]);
      expect(commits.map(({ position, events }) => [position, events.length])).toEqual([[3, 3]]);
      const ofWallet = commits[0]?.changes.filter(({ table }) => table === wallets);
      expect(ofWallet?.map(({ before, after, cause }) => [before?.['coins'], after?.['coins'], cause.position])).toEqual([
        [undefined, 0, 1],
        [0, 1, 2],
        [1, 2, 3],
      ]);
    });
  });

  describe('whoever is told of commits', () => {
    test('and throws costs no command its answer, nor the next one its turn', async () => {
      const faults: unknown[] = [];
      const broken = new Error('the listener broke');
      const onCommit = () => {
        throw broken;
      };
      const engine = openEngine(walletDomain, { onCommit, onFault: (fault) => faults.push(fault) });
      const send = (walletId: string) => engine.send(openWallet, { walletId, colour: 'red' });
      expect(await Promise.all([send('a'), send('b')])).toMatchObject([{ position: 1 }, { position: 2 }]);
      expect(await send('c')).toMatchObject({ accepted: true, position: 3 });
      expect(faults).toEqual([broken, broken]);
      await engine.close();
    });
  });

  describe('the journal', () => {
    test('has each change of a batch, with what it made of the row, and nothing of what was refused or failed', async () => {
      const commits: Commit[] = [];
      const engine = openEngine(walletDomain, { onCommit: (commit) => commits.push(commit) });
      const coins = [1, 2, 13, 5];
      await Promise.allSettled([
        ...['a', 'b', 'c', 'd'].map((walletId) => engine.send(openWallet, { walletId, colour: 'red' })),
        ...coins.map((each) => engine.send(pay, { walletId: 'a', coins: each, times: 2 })),
      ]);
      await engine.send(pay, { walletId: 'b', coins: 1 });
      const changes = commits.flatMap((commit) => commit.changes);
      const snapshot = await engine.snapshots.take();
      for (const table of [wallets, colours]) {
        const told = changes.filter((change) => change.table === table);
        expect(told).toHaveLength(10);
        expect((await snapshot.changes(table, { after: { position: 0 }, count: 100 }))?.changes).toEqual(
          told.map(({ key, before, after, cause }) => ({ position: cause.position, key, before, after })),
        );
      }
    });
  });

  describe('the queue', () => {
    test('is worked off by so many commands a transaction', async () => {
      const commits: Commit[] = [];
      const engine = openEngine(walletDomain, { onCommit: (commit) => commits.push(commit) });
      onTestFinished(() => engine.close());
      await engine.send(openWallet, { walletId: 'a', colour: 'red' });
      commits.length = 0;
      const sent = Array.from({ length: limits.batchCommandsMax + 1 }, () => engine.send(pay, { walletId: 'a', coins: 1 }));
      await Promise.all(sent);
      expect(commits.map(({ events }) => events.length)).toEqual([limits.batchCommandsMax, 1]);
    });

    test('is bounded: what comes on top is told to come back', async () => {
      const engine = await opened('a');
      const results = await Promise.allSettled(
        Array.from({ length: limits.queueCommandsMax + 1 }, () => engine.send(pay, { walletId: 'nobody', coins: 1 })),
      );
      expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
      expect(fault(results.at(-1))).toMatchObject({ code: 'OVERLOADED', retryable: true });
    });

    test('is emptied by close, which refuses what comes after', async () => {
      const engine = await opened('a');
      const sent = engine.send(pay, { walletId: 'a', coins: 1 });
      const closed = engine.close();
      await expect(engine.send(pay, { walletId: 'a', coins: 1 })).rejects.toMatchObject({ code: 'SHUTTING_DOWN', retryable: true });
      expect(await sent).toMatchObject({ accepted: true });
      await closed;
    });
  });
});
