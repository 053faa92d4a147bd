import { expect, test } from 'vitest';
import { limits, VarveError } from '#base';
import { reaction } from './reaction.ts';
import { bell, Life, memoryWorld, settled, type World } from './world.fixture.ts';

const never = () => new Promise<void>(() => {});

/** One reaction to rings, whose attempts end as its outcomes say, one after the other, and then well. */
function ringing(world: World, ...outcomes: readonly (() => Promise<void>)[]) {
  let attempts = 0;
  return reaction('rings', [bell], { Rung: world.answering('rings', async () => outcomes[attempts++]?.()) }, { from: 'start' });
}
const failing = async () => {
  throw new Error('the rope tore');
};

test('every event is answered once, in order, whether it was there or comes later; what is not answered is passed over', async () => {
  const world = memoryWorld();
  await world.append('rbr');
  const reactor = await world.start(ringing(world));
  await settled();
  expect(world.positionsOf('rings')).toEqual([1, 3]);
  await world.append('br');
  reactor.wake();
  await settled();
  expect(world.seen.map(({ key }) => key)).toEqual(['rings:e-1', 'rings:e-3', 'rings:e-5']);
  expect(world.states.get('rings')).toEqual({ name: 'rings', position: 5, failing: false });
  await reactor.close();
  expect(world.timers.waiting).toBe(0);
});

test('one that is new begins at the end that the log has then, and one that says so with the first event', async () => {
  const world = memoryWorld();
  await world.append('rr');
  const late = reaction('late', [bell], { Rung: world.answering('late') });
  const reactor = await world.start(late, ringing(world));
  await world.append('r');
  reactor.wake();
  await settled();
  expect([world.positionsOf('late'), world.positionsOf('rings')]).toEqual([[3], [1, 2, 3]]);
  await reactor.close();
  await world.append('r');
  await world.start(late);
  await settled();
  expect(world.positionsOf('late')).toEqual([3, 4]);
});

test('it is noted after each answer, and each second what was passed over, not more often', async () => {
  const world = memoryWorld();
  const reactor = await world.start(ringing(world));
  await world.append('rb');
  reactor.wake();
  await settled();
  expect(world.notebook.noted.get('rings')).toBe(1);
  await world.pass(limits.reactionLookMs - 1);
  expect(world.notebook.noted.get('rings')).toBe(1);
  await world.pass(1);
  expect(world.notebook.noted.get('rings')).toBe(2);
  await world.append('b');
  reactor.wake();
  await settled();
  expect(world.notebook.noted.get('rings')).toBe(2);
  await reactor.close();
  expect(world.notebook.noted.get('rings')).toBe(3);
});

test('a page of events that are passed over is noted where it ends', async () => {
  const world = memoryWorld();
  await world.append('b'.repeat(limits.readEventsMax + 1));
  await world.start(ringing(world));
  await settled();
  expect([world.notebook.noted.get('rings'), world.states.get('rings')?.position]).toEqual([
    limits.readEventsMax,
    limits.readEventsMax + 1,
  ]);
});

test('an answer that fails is tried again with growing pauses, is told of, and keeps back its own reaction alone', async () => {
  const world = memoryWorld();
  await world.append('brr');
  const other = reaction('other', [bell], { Rung: world.answering('other') }, { from: 'start' });
  await world.start(ringing(world, failing, failing, failing), other);
  const failures: number[] = [];
  for (let second = 0; second <= 8; second++) {
    failures.push(world.faults.length);
    await world.pass(1_000);
  }
  expect(failures).toEqual([0, 2, 2, 3, 3, 3, 3, 3, 3]);
  expect(world.positionsOf('other')).toEqual([2, 3]);
  expect(world.positionsOf('rings')).toEqual([2, 2, 2, 2, 3]);
  expect(new Set(world.seen.filter(({ position }) => position === 2).map(({ key }) => key))).toEqual(new Set(['rings:e-2', 'other:e-2']));
  expect(world.faults[0]).toMatchObject({
    code: 'REACTION_FAILED',
    message: 'The reaction rings has failed on the event at position 2, Rung: the rope tore',
    hint: expect.stringContaining('varve reactions skip rings'),
  });
});

test('the pauses are bounded, and while it fails it says so and stands before the event', async () => {
  const world = memoryWorld();
  await world.append('brr');
  const reactor = await world.start(ringing(world, ...Array.from({ length: 50 }, () => failing)));
  await settled();
  expect(world.states.get('rings')).toEqual({ name: 'rings', position: 1, failing: true });
  expect(world.notebook.noted.get('rings')).toBe(1);
  await world.timers.pass(20 * limits.reactionPauseMaxMs);
  const before = world.faults.length;
  await world.timers.pass(limits.reactionPauseMaxMs);
  expect(world.faults.length).toBe(before + 1);
  await world.append('r');
  reactor.wake();
  await settled();
  expect(world.faults.length, 'a commit does not end a pause').toBe(before + 1);
});

test('an event that an operator had it pass over is not tried again, also amid a pause', async () => {
  const world = memoryWorld();
  await world.append('rr');
  await world.start(ringing(world, failing));
  await settled();
  world.notebook.noted.set('rings', 1);
  await world.pass(limits.reactionLookMs);
  expect(world.positionsOf('rings')).toEqual([1, 2]);
  expect(world.states.get('rings')).toEqual({ name: 'rings', position: 2, failing: false });
});

test('an answer that takes too long is aborted and counts as failed, whether or not it hears of it', async () => {
  const world = memoryWorld();
  await world.append('r');
  const reasons: unknown[] = [];
  const listening = reaction(
    'rings',
    [bell],
    {
      Rung: world.answering('rings', async ({ signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        if (world.seen.length === 1) await never();
      }),
    },
    { from: 'start' },
  );
  await world.start(listening);
  await world.pass(limits.reactionTimeMaxMs);
  expect(reasons).toEqual([expect.objectContaining({ code: 'REACTION_TOO_SLOW' })]);
  expect(world.faults).toEqual([expect.objectContaining({ code: 'REACTION_FAILED', cause: reasons[0] })]);
  await world.pass(limits.reactionPauseMs);
  expect(world.states.get('rings')).toMatchObject({ position: 1, failing: false });
});

test('an event that cannot be decoded fails as an answer does, and nothing after it is answered', async () => {
  const world = memoryWorld();
  await world.append('r');
  const [stored] = await world.log.read('all');
  if (!stored) throw new Error('no event');
  const { position: _, version: __, ...event } = stored;
  await world.log.append([{ ...event, eventId: 'damaged', data: '{', tags: [] }]);
  await world.append('r');
  await world.start(ringing(world));
  await settled();
  expect(world.positionsOf('rings')).toEqual([1]);
  expect(world.faults).toMatchObject([{ code: 'REACTION_FAILED', cause: { code: 'STORAGE_CORRUPT' } }]);
});

test('a store that fails is told of and asked again; an answer whose note failed is not given again', async () => {
  const world = memoryWorld();
  await world.append('rr');
  const full = new VarveError({ code: 'STORAGE_FULL', message: 'The disk is full.', hint: 'Make room.', retryable: true });
  const failsOn = { call: 'note' as 'note' | 'read' | '' };
  world.onStore = (call) => {
    if (call === failsOn.call) throw full;
  };
  const reactor = await world.start(ringing(world));
  await world.pass(10_000);
  expect([world.positionsOf('rings'), world.states.get('rings')?.failing]).toEqual([[1], true]);
  expect(new Set(world.faults)).toEqual(new Set([full]));
  failsOn.call = 'read';
  await world.pass(60_000);
  failsOn.call = '';
  await world.timers.pass(limits.reactionPauseMaxMs);
  expect([world.positionsOf('rings'), world.states.get('rings')]).toEqual([[1, 2], { name: 'rings', position: 2, failing: false }]);
  await reactor.close();
});

test('closed, it begins nothing more, waits for what is under way, and notes it', async () => {
  const world = memoryWorld();
  await world.append('rr');
  const answer = Promise.withResolvers<void>();
  const reactor = await world.start(ringing(world, () => answer.promise));
  await settled();
  const closed = reactor.close();
  answer.resolve();
  await closed;
  expect([world.positionsOf('rings'), world.notebook.noted.get('rings'), world.faults]).toEqual([[1], 1, []]);
  await world.pass(10 * limits.reactionLookMs);
  expect(world.positionsOf('rings')).toEqual([1]);
});

test('closed, what takes too long is aborted and not noted: the next start answers it again', async () => {
  const world = memoryWorld();
  await world.append('r');
  const reactor = await world.start(ringing(world, never));
  await settled();
  let isClosed = false;
  const closed = reactor.close().then(() => {
    isClosed = true;
  });
  await world.pass(limits.reactionStopWaitMs - 1);
  expect(isClosed).toBe(false);
  await world.pass(1);
  await closed;
  expect([world.notebook.noted.get('rings'), world.faults]).toEqual([0, []]);
  await world.start(ringing(world));
  await settled();
  expect(world.seen.map(({ key }) => key)).toEqual(['rings:e-1', 'rings:e-1']);
});

test('of two processes one runs a reaction, and the other says how it stands there; closed, or silent for too long, it is taken over', async () => {
  const world = memoryWorld();
  await world.append('rr');
  const one = await world.start(ringing(world));
  await settled();
  const second = new Life();
  await world.startAs(second, [ringing(world)]);
  expect(world.states.get('rings')).toEqual({ name: 'rings', position: 2, failing: false });
  await world.append('r');
  await world.pass(limits.reactionLookMs);
  expect(world.positionsOf('rings')).toEqual([1, 2, 3]);

  await one.close();
  await world.append('r');
  await world.pass(limits.reactionLookMs);
  second.kill();
  await world.start(ringing(world));
  await world.append('r');
  await world.pass(limits.reactionLeaseMs - limits.reactionLookMs);
  expect(world.positionsOf('rings')).toEqual([1, 2, 3, 4]);
  await world.pass(limits.reactionLookMs);
  expect(world.positionsOf('rings')).toEqual([1, 2, 3, 4, 5]);
});

test('one that goes on after it has lost its lease gives up its answer, says so once, and looks on', async () => {
  const world = memoryWorld();
  await world.append('r');
  const first = new Life();
  const reasons: unknown[] = [];
  const hanging = ({ signal }: { readonly signal: AbortSignal }) => {
    signal.addEventListener('abort', () => reasons.push(signal.reason));
    return never();
  };
  await world.startAs(first, [reaction('rings', [bell], { Rung: world.answering('rings', hanging) }, { from: 'start' })]);
  await settled();
  first.standStill();
  await world.pass(limits.reactionLeaseMs);
  const other = await world.start(ringing(world));
  await settled();
  first.goOn();
  await world.append('r');
  await world.pass(10 * limits.reactionLookMs);
  expect(reasons).toMatchObject([{ code: 'REACTION_LEASE_LOST', retryable: true }]);
  expect(world.faults).toEqual(reasons);
  expect([world.positionsOf('rings'), world.notebook.noted.get('rings')]).toEqual([[1, 1, 2], 2]);
  await other.close();
});

test('one that cannot ask for the lease says so once, and goes on asking', async () => {
  const world = memoryWorld();
  const away = new VarveError({ code: 'STORE_UNAVAILABLE', message: 'It is away.', hint: 'Wait.', retryable: true });
  const one = await world.start(ringing(world));
  const other = await world.start(ringing(world));
  await one.close();
  world.onStore = (call) => {
    if (call === 'take') throw away;
  };
  await world.append('r');
  await world.pass(5 * limits.reactionLookMs);
  expect([world.faults, world.positionsOf('rings')]).toEqual([[away], []]);
  world.onStore = () => {};
  await world.pass(limits.reactionLookMs);
  expect(world.positionsOf('rings')).toEqual([1]);
  await other.close();
});
