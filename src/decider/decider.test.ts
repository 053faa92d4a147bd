import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Catalogue, events, Id, type Recorded } from '#event';
import { decider, fold, InvalidInput, isRefusal, rejection } from './index.ts';

const door = events(
  'door',
  { Opened: z.object({ by: z.string() }), Closed: z.object({}) },
  { tags: { Opened: ({ by }) => [`person:${by}`] } },
);
type DoorState = { readonly is: 'shut' } | { readonly is: 'open'; readonly by: string };
const Door = decider(door)
  .starts<DoorState>({ is: 'shut' })
  .evolves({ Opened: (_, { by }) => ({ is: 'open', by }), Closed: () => ({ is: 'shut' }) });
const DoorStuck = rejection('DoorStuck', { doorId: Id, tries: z.int() }, ({ doorId, tries }) => `${doorId} is stuck after ${tries} tries.`);
const Openings = fold('openings', [door])
  .by((person) => [`person:${person}`])
  .starts(0)
  .evolves({ Opened: (count, { by }, { key }) => (by === key ? count + 1 : count) });
const openDoor = Door.command('openDoor', {
  input: z.object({ doorId: Id, by: z.string() }),
  stream: ({ doorId }) => doorId,
  reads: ({ by }) => ({ before: Openings.at(by), others: Door.each(['a', 'b', 'a']) }),
  refuses: { DoorStuck },
  decide: ({ doorId, by }, state, { reads, refuse }) => {
    if (reads.others.get('b')?.is === 'open') return refuse.InvalidInput([{ path: ['doorId'], message: 'must wait' }]);
    if (reads.before > 2) return refuse.DoorStuck({ doorId, tries: reads.before });
    return state.is === 'open' ? [] : door.Opened({ by });
  },
});

const recorded = (type: string, data: unknown): Recorded => ({
  category: 'door',
  type,
  data,
  eventId: 'e',
  position: 1,
  stream: 'door-a',
  id: 'a',
  version: 1,
  recordedAt: new Date(0),
  metadata: { commandId: 'c', correlationId: 'c', causationId: null, actor: null },
});
const handed = (before: number, b: DoorState = { is: 'shut' }) => ({
  reads: { before, others: new Map([['b', b]]) },
  refuse: undefined,
  now: new Date(0),
  newId: () => 'id',
});

describe('a decider', () => {
  test('folds the events of its own stream', () => {
    expect(Door.select('a')).toEqual({ stream: 'door-a' });
    expect(Door.evolve(Door.initial, recorded('Opened', { by: 'ada' }), 'a')).toEqual({ is: 'open', by: 'ada' });
    expect(() => Door.evolve(Door.initial, recorded('Painted', {}), 'a')).toThrow('does not know');
  });

  test('decides by input, state and what it reads', () => {
    const input = { doorId: 'a', by: 'ada' };
    expect(openDoor.decide(input, { is: 'shut' }, handed(0))).toEqual(door.Opened({ by: 'ada' }));
    expect(openDoor.decide(input, { is: 'open', by: 'bob' }, handed(0))).toEqual([]);
    const stuck = openDoor.decide(input, { is: 'shut' }, handed(3));
    expect(isRefusal(stuck) && stuck).toEqual({
      rejection: 'DoorStuck',
      code: 'DOOR_STUCK',
      message: 'a is stuck after 3 tries.',
      data: { doorId: 'a', tries: 3 },
    });
    expect(openDoor.decide(input, { is: 'shut' }, handed(0, { is: 'open', by: 'x' }))).toMatchObject({ rejection: InvalidInput.name });
  });

  test('asks for each key once', () => {
    const { before, others } = openDoor.reads({ doorId: 'a', by: 'ada' }, new Date(0));
    expect([before?.keys, others?.keys]).toEqual([['ada'], ['a', 'b']]);
    expect(others?.value(['first', 'second'])).toEqual(
      new Map([
        ['a', 'first'],
        ['b', 'second'],
      ]),
    );
  });
});

test('a fold by tag selects what it has a step for and is told its key', () => {
  expect(Openings.select('ada')).toEqual({ types: ['Opened'], tags: ['person:ada'] });
  expect(Openings.evolve(1, recorded('Opened', { by: 'ada' }), 'ada')).toBe(2);
  expect(Openings.evolve(1, recorded('Closed', {}), 'ada')).toBe(1);
});

test('wrong uses do not compile', () => {
  const shut = decider(door).starts<DoorState>({ is: 'shut' });
  const cat = events('cat', { Fed: z.object({}) });
  const input = z.object({ doorId: Id });
  const stream = () => 'a';
  const refuses = { DoorStuck };
  const wrong = (): unknown[] => [
    // @ts-expect-error every event must have its step
    shut.evolves({ Opened: (_, { by }) => ({ is: 'open', by }) }),
    // @ts-expect-error a step must give a state
    shut.evolves({ Opened: () => ({ is: 'ajar' }), Closed: () => ({ is: 'shut' }) }),
    // @ts-expect-error data must fit the event's schema
    door.Opened({ by: 1 }),
    // @ts-expect-error a refusal must be declared
    Door.command('x', { input, stream, decide: (_, __, { refuse }) => refuse.DoorStuck({ doorId: 'a', tries: 1 }) }),
    // @ts-expect-error a refusal has its own fields
    Door.command('x', { input, stream, refuses, decide: (_, __, { refuse }) => refuse.DoorStuck({ doorId: 'a' }) }),
    // @ts-expect-error a decision gives events of its own aggregate
    Door.command('x', { input, stream, decide: () => cat.Fed({}) }),
    // @ts-expect-error `by` is there only where the door is open
    Door.command('x', { input, stream, decide: (_, state) => door.Opened({ by: state.by }) }),
    // @ts-expect-error the stream's id comes from the input
    Door.command('x', { input, stream: ({ windowId }) => windowId, decide: () => [] }),
  ];
  expect(wrong).toBeTypeOf('function');
  const inferred: Catalogue<'door', typeof door.shapes> = door;
  expect(inferred.category).toBe('door');
});
