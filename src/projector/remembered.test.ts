import { expect, test } from 'vitest';
import { z } from 'zod';
import { limits } from '#base';
import { eventCodec, events } from '#event';
import { openMemoryStore } from '#eventstore';
import { id, int, memoryRows, table } from '#readtable';
import { projection } from './projection.ts';
import { projector, type RowsBounds } from './projector.ts';

const tally = events('tally', { Counted: z.object({}) });
const tallies = table('tallies', { tallyId: id(), count: int() }, { key: 'tallyId' });
const rowsOfTallies = projection(tallies, [tally], {
  Counted: ({ id: tallyId }, row) => row(tallyId).upsert({ tallyId, count: 0 }, ({ count }) => ({ tallyId, count: count + 1 })),
});
const codec = eventCodec([tally]);
const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };

/** Which rows are read from the store, where an event is projected into each of these, one transaction after another. */
async function readBy(bounds: RowsBounds, ...ids: readonly string[]): Promise<readonly string[]> {
  const [log, rows] = [openMemoryStore(), memoryRows()];
  const read: string[] = [];
  const noting: typeof rows = {
    ...rows,
    get: (connection, of, key) => {
      read.push(key);
      return rows.get(connection, of, key);
    },
  };
  const keeper = projector([rowsOfTallies], noting, bounds);
  for (const one of ids)
    await log.transaction(async ({ connection, append }) => {
      const event = { ...codec.encode(tally.Counted({})), eventId: 'e', stream: `tally-${one}`, metadata, recordedAt: new Date(0) };
      const [stored] = await append([event]);
      const work = keeper.begin(connection);
      if (stored) await work.project([codec.decode(stored)]);
      work.keep();
      await work.flush();
    });
  expect(rows.all(tallies).reduce((sum, { count }) => sum + Number(count), 0)).toBe(ids.length);
  return read;
}

test('so many rows are remembered, and so much of them: those that were pushed out are read again', async () => {
  const asked = ['a', 'b', 'a', 'b', 'c', 'a', 'b'];
  expect(await readBy(limits, ...asked)).toEqual(['a', 'b', 'c']);
  expect(await readBy({ ...limits, rowsCachedMax: 2 }, ...asked)).toEqual(['a', 'b', 'c', 'a', 'b']);
  // A row of them takes seventy bytes.
  expect(await readBy({ ...limits, rowsCachedBytesMax: 150 }, ...asked)).toEqual(['a', 'b', 'c', 'a', 'b']);
  expect(await readBy({ ...limits, rowsCachedBytesMax: 10 }, ...asked)).toEqual(asked);
});
