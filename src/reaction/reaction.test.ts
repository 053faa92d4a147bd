import { expect, test } from 'vitest';
import { z } from 'zod';
import { VarveError } from '#base';
import { events } from '#event';
import { reaction } from './reaction.ts';
import { bell } from './world.fixture.ts';

const nothing = async (): Promise<void> => {};

test('a reaction answers the events that it names, and no others', async () => {
  const told: unknown[] = [];
  const rings = reaction('rings', [bell], { Rung: async ({ data: { times } }, { key }) => void told.push([times, key]) });
  expect([rings.name, rings.from, [...rings.types]]).toEqual(['rings', 'end', ['Rung']]);
  const recorded = { category: 'bell', eventId: 'e', position: 1, stream: 'bell-a', id: 'a', version: 1, recordedAt: new Date(0) };
  const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
  const attempt = { key: 'rings:e', signal: new AbortController().signal };
  await rings.answer({ ...recorded, metadata, ...bell.Rung({ times: 3 }) }, attempt);
  await rings.answer({ ...recorded, metadata, ...bell.Broken({}) }, attempt);
  expect(told).toEqual([[3, 'rings:e']]);
});

test('what throws at once rejects as what throws later does', async () => {
  const throwing = reaction('throwing', [bell], {
    Rung: () => {
      throw new Error('no rope');
    },
  });
  const answered = throwing.answer({ type: 'Rung' } as Parameters<typeof throwing.answer>[0], {
    key: '',
    signal: new AbortController().signal,
  });
  await expect(answered).rejects.toThrow('no rope');
});

test.each([
  ['', 'is not letters'],
  ['order mail', 'is not letters'],
  ['o'.repeat(201), 'too long'],
])('a reaction cannot be named %j', (name, message) => {
  expect(() => reaction(name, [bell], { Rung: nothing })).toThrow(message);
});

test('one that answers nothing, or what is in none of its catalogues, is a bug', () => {
  expect(() => reaction('idle', [bell], {})).toThrow(VarveError);
  const answers: object = { Rung: nothing, Melted: nothing };
  expect(() => reaction('astray', [bell], answers)).toThrow('Melted');
});

test('wrong uses do not compile', () => {
  const cat = events('cat', { Fed: z.object({ grams: z.int() }) });
  const wrong = (): unknown[] => [
    // @ts-expect-error an event must be in one of the catalogues
    reaction('x', [bell], { Fed: nothing }),
    // @ts-expect-error data is that of the event
    reaction('x', [bell, cat], { Fed: async ({ data: { litres } }) => void litres }),
    // @ts-expect-error an answer is waited for
    reaction('x', [bell], { Rung: () => {} }),
    // @ts-expect-error it begins at the end or at the start
    reaction('x', [bell], { Rung: nothing }, { from: 'middle' }),
    reaction('x', [bell, cat], { Rung: async ({ data }) => void data.times.toFixed(), Fed: async ({ data }) => void data.grams.toFixed() }),
  ];
  expect(wrong).toBeTypeOf('function');
});
