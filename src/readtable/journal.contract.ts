import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  isAfter,
  type OpenJournal,
  type Opens,
  placeOf,
  put,
  puts,
  read,
  readAll,
  remove,
  type Step,
  Story,
  short,
  start,
} from './journal.fixture.ts';
import type { Reached } from './journal.ts';
import { anyThing, thing, things } from './rowstore.contract.ts';
import { type Table, table } from './table.ts';

const others = table('others', things.columns, { key: 'thingId' });

const steps = fc
  .array(fc.tuple(anyThing, fc.boolean()), { maxLength: 4 })
  .map((changes): Step => new Map(changes.map(([row, kept]) => [row.thingId, kept ? row : undefined])));
/** Positions that are passed by before it, and what a transaction does. */
const transaction = fc.tuple(fc.constantFrom(0, 0, 0, 1, 1_990, 4_100), fc.array(steps, { minLength: 1, maxLength: 3 }));
const commits = fc.array(transaction, { minLength: 1, maxLength: 8 });
const positions = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1_990, max: 2_010 }));
const readings = fc.record({
  after: fc.oneof(
    fc.record({ position: fc.oneof(fc.constant(0), positions) }),
    fc.record({ position: positions, key: fc.constantFrom('9', 'b', '\uFFFD', '\u{1F600}') }),
  ),
  key: fc.option(fc.constantFrom('a', 'ü', '\u{1F600}'), { nil: undefined }),
  sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
});

/** What every journal keeps to, together with the rows beside it. An adapter's test file calls it with a way to open itself. */
export function journalContract<Connection>(name: string, open: Opens<Connection>): void {
  describe(`${name}, by the contract of journals`, () => {
    let opened: OpenJournal<Connection>;
    let story: Story<Connection>;
    beforeEach(async () => {
      opened = await open([things, others]);
      story = new Story(opened);
    });
    afterEach(() => opened.close());

    it('says of each change what was and what it made of it, in order', async () => {
      expect(await read(opened)).toEqual({ changes: [], hasMore: false });
      await story.commit(put('b', 1), puts(thing('b', { size: 2 }), thing('a', { size: 3 })));
      await story.commit(put('b', 4));
      const page = await read(opened);
      expect(page?.changes.map(short)).toEqual([
        [1, 'b', undefined, 1],
        [2, 'a', undefined, 3],
        [2, 'b', 1, 2],
        [3, 'b', 2, 4],
      ]);
      expect(page?.changes).toStrictEqual(story.history);
    });

    it('tells a row that was removed and made again from one that was changed', async () => {
      await story.commit(put('a', 1), remove('a'), remove('never'), put('a', 2));
      await story.commit(remove('a'));
      expect((await read(opened))?.changes.map(short)).toEqual([
        [1, 'a', undefined, 1],
        [2, 'a', 1, undefined],
        [4, 'a', undefined, 2],
        [5, 'a', 2, undefined],
      ]);
    });

    it('is read page by page, also from within a position', async () => {
      await story.commit(puts(...['a', 'b', 'c', 'd'].map((key) => thing(key))), put('b', 2));
      const next = async (after: Reached) => {
        const page = await read(opened, { after, count: 2 });
        return [page?.changes.map(short), page?.hasMore];
      };
      expect(await next(start)).toEqual([
        [
          [1, 'a', undefined, 1],
          [1, 'b', undefined, 1],
        ],
        true,
      ]);
      expect(await next({ position: 1, key: 'b' })).toEqual([
        [
          [1, 'c', undefined, 1],
          [1, 'd', undefined, 1],
        ],
        true,
      ]);
      expect(await next({ position: 1, key: 'd' })).toEqual([[[2, 'b', 1, 2]], false]);
      expect(await next({ position: 1 })).toEqual([[[2, 'b', 1, 2]], false]);
      expect(await next({ position: 2 })).toEqual([[], false]);
    });

    it('orders keys within a position by code point', async () => {
      const keys = ['B', 'b', 'ü', '\uFFFD', '\u{1F600}'];
      await story.commit(puts(...keys.map((key) => thing(key)).reverse()));
      expect((await read(opened))?.changes.map(({ key }) => key)).toEqual(keys);
      const after = (await read(opened, { after: { position: 1, key: '\uFFFD' } }))?.changes;
      expect(after?.map(({ key }) => key)).toEqual(['\u{1F600}']);
    });

    it("gives one row's changes alone, from within a position too", async () => {
      await story.commit(puts(thing('a'), thing('b')), put('a', 2), put('b', 2));
      await story.commit(put('b', 3));
      const ofB = async (after: Reached) => (await read(opened, { after, key: 'b', count: 2 }))?.changes.map(short);
      expect(await ofB(start)).toEqual([
        [1, 'b', undefined, 1],
        [3, 'b', 1, 2],
      ]);
      expect(await ofB({ position: 1, key: 'a' })).toEqual(await ofB(start));
      expect(await ofB({ position: 1, key: 'b' })).toEqual([
        [3, 'b', 1, 2],
        [4, 'b', 2, 3],
      ]);
    });

    it("finds a row's next change however far away it is", async () => {
      await story.after(1_998).commit(puts(thing('a'), thing('b')), put('a', 2));
      await story.commit(put('a', 3));
      await story.after(9_000).commit(put('a', 4), put('c', 1));
      await story.after(9_000).commit(put('a', 5));
      const { history } = story;
      for (let from = 0; from <= history.length; from++) {
        const after = placeOf(history[from - 1]) ?? start;
        for (const count of [1, 2, 9])
          expect((await read(opened, { after, count }))?.changes).toStrictEqual(history.slice(from).slice(0, count));
        const ofA = history.slice(from).filter(({ key }) => key === 'a');
        for (const count of [1, 2, 9]) expect((await read(opened, { after, count, key: 'a' }))?.changes).toStrictEqual(ofA.slice(0, count));
      }
    });

    it('keeps the tables apart', async () => {
      await story.commit(put('a', 1));
      const other = new Story(opened, others).after(1);
      await other.commit(put('a', 2), put('a', 3));
      expect((await read(opened, {}, others))?.changes).toStrictEqual(other.history);
      expect((await read(opened))?.changes).toStrictEqual(story.history);
    });

    it('knows nothing of a transaction that failed', async () => {
      await story.commit(put('a', 1));
      const failed = opened.transaction(2, async (connection) => {
        await opened.rows.write(connection, things, puts(thing('a', { size: 2 }), thing('b')));
        const entry = { table: things, position: 2 };
        await opened.journal.append(connection, 2, [
          { ...entry, key: 'a', before: thing('a') },
          { ...entry, key: 'b', before: undefined },
        ]);
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      await story.commit(put('a', 5));
      expect((await read(opened))?.changes).toStrictEqual(story.history);
    });

    it('is read as of the snapshot, whatever comes after', async () => {
      await story.commit(put('a', 1), put('b', 1));
      const snapshot = await opened.snapshots.take();
      const seen = [...story.history];
      await story.commit(put('a', 2), remove('b'));
      const ofA = [thing('a')];
      expect(await snapshot.changes(things, { after: start, count: 9 })).toStrictEqual({ changes: seen, hasMore: false });
      const page = await snapshot.changes(things, { after: start, key: 'a', count: 1 });
      expect(page?.changes.map(({ after }) => after)).toStrictEqual(ofA);
      snapshot.release();
    });

    it('begins anew where the table is swapped: what was read before is told apart from all that comes', async () => {
      await story.commit(put('a', 1), put('b', 1));
      await opened.swap(things);
      const anew = new Story(opened).after(2);
      await anew.commit(put('a', 7), put('b', 7));
      expect(await read(opened, { after: { position: 1 } })).toBeUndefined();
      expect(await read(opened, { after: { position: 2, key: 'a' } })).toBeUndefined();
      // Whoever saw the log as far as the swap may have seen other rows.
      expect(await read(opened, { after: { position: 2 } })).toBeUndefined();
      expect((await read(opened, { after: { position: 3 } }))?.changes).toStrictEqual(anew.history.slice(1));
      expect(await read(opened, {}, others)).toEqual({ changes: [], hasMore: false });
    });

    it('gives the same changes in whatever pages they are read, whatever is committed meanwhile', async () => {
      await fc.assert(
        fc.asyncProperty(commits, commits, readings, async (before, meanwhile, reading) => {
          const fresh = await open([things]);
          try {
            const written = new Story(fresh);
            for (const [passed, done] of before) await written.after(passed).commit(...done);
            const waiting = [...meanwhile];
            const { after, key } = reading;
            const found = await readAll(fresh, { ...reading, key }, async () => {
              const [passed, done] = waiting.shift() ?? [0, [new Map()]];
              await written.after(passed).commit(...done);
            });
            const expected = written.history.filter((change) => isAfter(after, change) && (key === undefined || key === change.key));
            expect(found).toStrictEqual(expected.slice(0, found.length));
            const rest = await readAll(fresh, { ...reading, after: placeOf(found.at(-1)) ?? after });
            expect([...found, ...rest]).toStrictEqual(expected);
          } finally {
            await fresh.close();
          }
        }),
        { numRuns: 60 },
      );
    });
  });
  describe(`${name}, by the contract of journals that forget`, () => retention(open));
}

function retention<Connection>(open: Opens<Connection>): void {
  let opened: OpenJournal<Connection>;
  let story: Story<Connection>;
  const reaches = async (after: Reached, of: Table = things) => (await read(opened, { after }, of)) !== undefined;
  beforeEach(async () => {
    opened = await open([things, others], 3);
    story = new Story(opened);
  });
  afterEach(() => opened.close());

  it('reaches back as far as it is told, to the position, and says so where it does not', async () => {
    for (let size = 1; size <= 10; size++) {
      await story.commit(puts(thing('a', { size }), thing('b', { size })));
      const oldest = Math.max(0, size - 3);
      expect((await read(opened, { after: { position: oldest } }))?.changes).toStrictEqual(
        story.history.filter(({ position }) => position > oldest),
      );
      expect(await reaches({ position: oldest - 1 })).toBe(false);
      expect(await reaches({ position: oldest }, others)).toBe(true);
      expect(await reaches({ position: oldest - 1 }, others)).toBe(false);
    }
  });

  it('does not reach back into a position of which something may be gone', async () => {
    await story.commit(put('a', 1), put('a', 2), puts(thing('a'), thing('b')));
    await story.commit(put('a', 4), put('a', 5), put('a', 6));
    expect(await reaches({ position: 3 })).toBe(true);
    expect(await reaches({ position: 3, key: 'a' })).toBe(false);
    expect(await reaches({ position: 4, key: 'a' })).toBe(true);
  });

  it('says so from the first change that is gone of a position with very many', async () => {
    await story.commit(puts(...Array.from({ length: 1_000 }, (_, i) => thing(`row ${i}`))));
    await story.commit(put('a', 2), put('a', 3), put('a', 4));
    const after = { position: 1, key: 'row 998' };
    expect([await reaches(after), await reaches({ position: 0 }), await reaches({ position: 1 })]).toEqual([false, false, true]);
    for (let size = 5; size < 30; size++) await story.commit(put('a', size));
    expect((await read(opened, { after: { position: 26 } }))?.changes).toStrictEqual(story.history.slice(-3));
    expect(await reaches({ position: 25 })).toBe(false);
  });

  it('forgets nothing where the transaction fails', async () => {
    await story.commit(put('a', 1), put('a', 2), put('a', 3));
    const failed = opened.transaction(9, async (connection) => {
      await opened.journal.append(connection, 9, [{ table: things, position: 9, key: 'b', before: undefined }]);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect((await read(opened))?.changes).toStrictEqual(story.history);
  });
}
