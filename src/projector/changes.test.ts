import { expect, test } from 'vitest';
import { z } from 'zod';
import { eventCodec, events } from '#event';
import { openMemoryStore } from '#eventstore';
import { id, int, memoryRows, table } from '#readtable';
import { projection } from './projection.ts';
import { projector } from './projector.ts';

const step = z.object({ key: z.string(), count: z.int().nullable() });
const box = events('box', { Moved: z.object({ steps: z.array(step) }) });
const boxes = table('boxes', { boxId: id(), count: int() }, { key: 'boxId' });
const totals = table('totals', { totalId: id(), count: int() }, { key: 'totalId' });

/** Puts and removes rows as the event says, one after the other. */
const ofBoxes = projection(boxes, [box], {
  Moved: ({ data: { steps } }, row) =>
    steps.map(({ key, count }) => (count === null ? row(key).remove() : row(key).put({ boxId: key, count }))),
});
const ofTotals = projection(totals, [box], {
  Moved: ({ data: { steps } }, row) =>
    row('all').upsert({ totalId: 'all', count: 0 }, (was) => ({ ...was, count: was.count + steps.length })),
});

/** What the events of one command change, in short: position, table, key, before and after. */
async function changesOf(...moves: readonly (readonly (readonly [string, number | null])[])[]) {
  const codec = eventCodec([box]);
  const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
  const recorded = moves.map((steps, i) => {
    const fact = box.Moved({ steps: steps.map(([key, count]) => ({ key, count })) });
    const event = { ...codec.encode(fact), eventId: 'e', stream: 'box-a', metadata, recordedAt: new Date(0) };
    return codec.decode({ ...event, position: i + 1, version: i + 1 });
  });
  const changes = await openMemoryStore().transaction(({ connection }) =>
    projector([ofBoxes, ofTotals], memoryRows()).begin(connection).project(recorded),
  );
  return changes.map(({ cause, table: { name }, key, before, after }) => [cause.position, name, key, before?.['count'], after?.['count']]);
}

test('a row that one event changes twice has changed once, from what it was first to what it is last', async () => {
  expect(
    await changesOf(
      [['a', 1]],
      [
        ['a', 2],
        ['a', 3],
      ],
      [
        ['b', 4],
        ['b', 5],
      ],
      [
        ['a', null],
        ['a', 6],
      ],
    ),
  ).toEqual([
    [1, 'boxes', 'a', undefined, 1],
    [1, 'totals', 'all', undefined, 1],
    [2, 'boxes', 'a', 1, 3],
    [2, 'totals', 'all', 1, 3],
    [3, 'boxes', 'b', undefined, 5],
    [3, 'totals', 'all', 3, 5],
    [4, 'boxes', 'a', 3, 6],
    [4, 'totals', 'all', 5, 7],
  ]);
});

test('a row that comes and goes on one event has not changed', async () => {
  expect(
    await changesOf([
      ['a', 1],
      ['b', 2],
      ['a', null],
    ]),
  ).toEqual([
    [1, 'boxes', 'b', undefined, 2],
    [1, 'totals', 'all', undefined, 3],
  ]);
});

test("an event's changes of a table come by key, as the journal orders them", async () => {
  const keys = ['\u{1F600}', 'b', '\uFFFD', 'B'];
  const changes = await changesOf(keys.map((key) => [key, 1] as const));
  expect(changes.map(([, , key]) => key)).toEqual(['B', 'b', '\uFFFD', '\u{1F600}', 'all']);
});
