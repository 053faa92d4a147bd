import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { limits, VarveError } from '#base';
import { decider, rejection } from '#decider';
import { events, Id } from '#event';
import type { Commit } from '#projector';
import { id, table } from '#readtable';
import { packCommit, packFault, unpackCommit, unpackFault } from './crossing.ts';
import { codecOf } from './memory.ts';
import { openRemoteEngine } from './remote.fixture.ts';
import { remoteDispatcher } from './remote.ts';

/** A value that has no form between threads but that of its codec. */
class Point {
  readonly #x: number;
  constructor(x: number) {
    this.#x = x;
  }
  get x(): number {
    return this.#x;
  }
}
const PointField = z.codec(z.number(), z.instanceof(Point), { decode: (x) => new Point(x), encode: ({ x }) => x });

const ship = events('ship', { Moved: z.object({ to: PointField }) });
const Ship = decider(ship)
  .starts({})
  .evolves({ Moved: (state) => state });
const move = Ship.command('move', {
  input: z.object({ shipId: Id, x: z.number() }),
  stream: ({ shipId }) => shipId,
  decide: ({ x }) => ship.Moved({ to: new Point(x) }),
});
const domain = { commands: [move], projections: [] };

test('an event crosses as the log has it, whatever its fields are in memory', async () => {
  const commits: Commit[] = [];
  const engine = openRemoteEngine(domain, { onCommit: (commit) => commits.push(commit) });
  await engine.send(move, { shipId: 'a', x: 7 }, { actor: 'ada' });
  await engine.close();
  const [event] = commits.flatMap((commit) => commit.events);
  expect(event).toMatchObject({
    type: 'Moved',
    id: 'a',
    position: 1,
    version: 1,
    metadata: { actor: 'ada' },
    recordedAt: expect.any(Date),
  });
  expect(event?.data).toMatchObject({ to: { x: 7 } });
});

test('an input that cannot cross, and is about to when the other side is lost, is told of that once', async () => {
  const { port1: port } = new MessageChannel();
  const remote = remoteDispatcher({ port, projections: [], codec: codecOf(domain), onCommit: () => {}, onFault: () => {} });
  const lost = new VarveError({ code: 'LOST', message: 'It is gone.', hint: 'Start again.' });
  const sent = remote.send(move, () => 1);
  remote.lose(lost);
  await expect(sent).rejects.toBe(lost);
  // What is thrown in the turn in which it would have left, nobody catches.
  await new Promise(setImmediate);
});

test('a commit that cannot be packed keeps its position, and says why where it is opened', () => {
  const codec = codecOf(domain);
  const ships = table('ships', { shipId: id() }, { key: 'shipId' });
  const cause = { position: 3 } as Commit['events'][number];
  const change = { table: ships, key: 'a', before: undefined, after: { shipId: () => 'a' }, cause };
  const packed = packCommit({ position: 3, events: [cause], changes: [change] }, []);
  expect(packed.position).toBe(3);
  expect(() => unpackCommit(packed, new Map(), codec)).toThrow(expect.objectContaining({ message: expect.stringContaining('cloned') }));
});

test('an answer that cannot cross is a bug of its own command alone', async () => {
  const Late = rejection('Late', { by: z.any() }, () => 'Too late.');
  const refuse = Ship.command('refuse', {
    input: z.object({ shipId: Id }),
    stream: ({ shipId }) => shipId,
    refuses: { Late },
    decide: (_, __, { refuse }) => refuse.Late({ by: () => {} }),
  });
  const engine = openRemoteEngine({ commands: [move, refuse], projections: [] });
  const [before, refused, after] = await Promise.allSettled([
    engine.send(move, { shipId: 'a', x: 1 }),
    engine.send(refuse, { shipId: 'a' }),
    engine.send(move, { shipId: 'a', x: 2 }),
  ]);
  await engine.close();
  expect([before, after]).toMatchObject([{ value: { position: 1 } }, { value: { position: 2 } }]);
  expect(refused).toMatchObject({ reason: { code: 'BUG', message: expect.stringContaining('its answer cannot be handed') } });
});

test("a fault crosses with its causes, so many of them, and with an error's own code", () => {
  const denied = Object.assign(new Error('denied', { cause: 'why' }), { code: 'EACCES' });
  const crossed = unpackFault(structuredClone(packFault(new VarveError({ code: 'BUG', message: 'broke', hint: 'mend', cause: denied }))));
  expect(crossed).toMatchObject({ code: 'BUG', hint: 'mend', cause: { message: 'denied', code: 'EACCES', cause: { message: 'why' } } });
  const circle = new Error('a circle');
  circle.cause = circle;
  let count = 0;
  for (let at = unpackFault(packFault(circle)); at; at = at.cause as Error | undefined) count += 1;
  expect(count).toBe(1 + limits.causesMax);
});
