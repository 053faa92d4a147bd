import { describe, expect, onTestFinished, test } from 'vitest';
import { VarveError } from '#base';
import { openMemoryStore } from '#eventstore';
import { memoryJournal, memoryRows } from '#readtable';
import { dispatcher } from './dispatcher.ts';
import type { Outcome } from './envelope.ts';
import { codecOf } from './memory.ts';
import { openWallet, pay, repaint, walletDomain, wallets } from './wallet.fixture.ts';

const unknown = new VarveError({ code: 'OUTCOME_UNKNOWN', message: 'It broke.', hint: 'Send it again.', retryable: true });

/** A writer whose commits can be held up, and lost before they are made or before they are answered. */
function gated() {
  const log = openMemoryStore();
  const rows = memoryRows();
  const parts = { rows, journal: memoryJournal(), projections: walletDomain.projections, codec: codecOf(walletDomain) };
  let gate: PromiseWithResolvers<void> | undefined;
  let reached = Promise.withResolvers<void>();
  let lost: 'before the commit' | 'after the commit' | undefined;
  const transaction: typeof log.transaction = async (work) => {
    const done = await log.transaction(async (own) => {
      const decided = await work(own);
      reached.resolve();
      await gate?.promise;
      if (lost === 'before the commit') throw unknown;
      return decided;
    });
    if (lost === 'after the commit') throw unknown;
    return done;
  };
  const open = () => dispatcher({ ...parts, log: { ...log, transaction } });
  let writer = open();
  onTestFinished(() => writer.close());
  return {
    log,
    rows,
    send: (...sent: Parameters<typeof writer.send>) => writer.send(...sent),
    /** Holds commits up; resolves when the next one is decided and about to be made. */
    hold: () => {
      gate = Promise.withResolvers();
      reached = Promise.withResolvers();
      return reached.promise;
    },
    go: () => gate?.resolve(),
    /** The next commits are lost, at this moment; left out: no more. */
    lose: (moment?: typeof lost) => {
      lost = moment;
    },
    /** As after a crash: another writer, which remembers nothing. */
    restart: () => {
      writer = open();
    },
  };
}

type Engine = ReturnType<typeof gated>;
const coin = { walletId: 'a', coins: 1 };
const once = { commandId: 'once' };

const crowd = (engine: Engine, count: number) => Array.from({ length: count }, () => engine.send(pay, coin, once));

/** A writer with one wallet. */
async function withWallet(): Promise<Engine> {
  const engine = gated();
  await engine.send(openWallet, { walletId: 'a', colour: 'red' });
  return engine;
}

/** One effect and one outcome, however many were sent: all say where, and one at most that it was the first. */
async function expectOnce(engine: Engine, outcomes: readonly Outcome[], first = 1): Promise<void> {
  expect(outcomes.filter((outcome) => outcome.accepted && !outcome.replayed)).toHaveLength(first);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ accepted: true, position: 2, id: 'a' });
  expect(await engine.log.position()).toBe(2);
  expect(await engine.log.receipt('once')).toMatchObject({ position: 2, outcome: '{"stream":"wallet-a","version":2}' });
  expect(engine.rows.all(wallets)).toEqual([{ walletId: 'a', colour: 'red', coins: 1 }]);
}

describe.each([2, 10, 100])('the same intent %i times', (count) => {
  test('at once has one effect and one outcome', async () => {
    const engine = await withWallet();
    await expectOnce(engine, await Promise.all(crowd(engine, count)));
  });

  test("before, during and after the first one's commit has one effect and one outcome", async () => {
    const engine = await withWallet();
    const decided = engine.hold();
    const before = crowd(engine, count);
    await decided;
    const during = crowd(engine, count);
    await new Promise(setImmediate);
    engine.go();
    const outcomes = await Promise.all([...before, ...during]);
    const after = await Promise.all(crowd(engine, count));
    await expectOnce(engine, [...outcomes, ...after]);
    expect(outcomes[0]).toMatchObject({ replayed: false });
  });

  test.each(['before the commit', 'after the commit'] as const)('across a crash %s has one effect and one outcome', async (moment) => {
    const engine = await withWallet();
    engine.lose(moment);
    for (const one of await Promise.allSettled(crowd(engine, count))) expect(one).toMatchObject({ status: 'rejected', reason: unknown });
    engine.lose();
    engine.restart();
    const isThere = moment === 'after the commit';
    expect(await engine.log.position()).toBe(isThere ? 2 : 1);
    await expectOnce(engine, await Promise.all(crowd(engine, count)), isThere ? 0 : 1);
  });

  test('refused leaves no receipt; its id may be tried again, and then has one effect', async () => {
    const engine = gated();
    const early = crowd(engine, count);
    const opened = engine.send(openWallet, { walletId: 'a', colour: 'red' });
    const late = crowd(engine, count);
    expect(await opened).toMatchObject({ accepted: true, position: 1 });
    for (const outcome of await Promise.all(early))
      expect(outcome).toMatchObject({ accepted: false, refusal: { rejection: 'WalletNotFound' } });
    await expectOnce(engine, await Promise.all(late));
  });

  test('refused, and nothing else, leaves nothing', async () => {
    const engine = gated();
    for (const outcome of await Promise.all(crowd(engine, count))) expect(outcome.accepted).toBe(false);
    expect([await engine.log.position(), await engine.log.receipt('once'), engine.rows.all(wallets)]).toEqual([0, undefined, []]);
  });

  test('with another intent among them, whichever comes first has its effect, once, and the other is told so', async () => {
    const engine = await withWallet();
    const sent = Array.from({ length: 2 * count }, (_, i) =>
      i % 2 === 0 ? engine.send(repaint, { walletId: 'a', from: 'blue', to: 'green' }, once) : engine.send(pay, coin, once),
    );
    const outcomes = await Promise.all(sent);
    expect(outcomes.filter(({ accepted }) => accepted)).toHaveLength(count);
    for (const [i, outcome] of outcomes.entries())
      expect(outcome).toMatchObject(
        i % 2 === 0 ? { accepted: true, position: 2, replayed: i > 0 } : { refusal: { rejection: 'CommandIdReused' } },
      );
    expect(await engine.log.position()).toBe(2);
  });
});

test('what a bug leaves is nothing: when it is mended, the id may be tried again', async () => {
  const engine = await withWallet();
  const broken = await Promise.allSettled(Array.from({ length: 10 }, () => engine.send(pay, { walletId: 'a', coins: 13 }, once)));
  for (const one of broken) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'BUG' } });
  expect(await engine.log.receipt('once')).toBeUndefined();
  await expectOnce(engine, await Promise.all(crowd(engine, 10)));
});
