import { describe, expect, it, onTestFinished } from 'vitest';
import type { Position, SqlTransaction } from '#base';
import { journalContract } from '../journal.contract.ts';
import { put, puts, Story } from '../journal.fixture.ts';
import type { JournalEntry } from '../journal.ts';
import { thing, things } from '../rowstore.contract.ts';
import { table } from '../table.ts';
import { nextBefores } from './changes.ts';
import { stand, testDatabase, withPostgres } from './database.fixture.ts';
import { openedJournal } from './journal.fixture.ts';
import { postgresJournal } from './journal.ts';
import { plansOf } from './plans.fixture.ts';
import { postgresSnapshots } from './snapshots.ts';

const others = table('others', things.columns, { key: 'thingId' });
const entry = (position: number, key = 'a', before = thing(key)): JournalEntry => ({ table: things, position, key, before });

withPostgres('The journal in PostgreSQL', () => {
  journalContract('PostgreSQL', openedJournal);

  async function open(positionsMax?: number) {
    const database = await testDatabase(things, others);
    onTestFinished(database.remove);
    const journal = postgresJournal({ positionsMax });
    const number = async (text: string) => Number((await database.rows(text))[0]?.[0]);
    return {
      ...database,
      append: (position: Position, entries: readonly JournalEntry[]) =>
        database.transaction(async (transaction) => journal.append(transaction, position, entries)),
      since: (after: Position, tables = [things, others]) =>
        database.transaction(async (transaction) => journal.since?.(transaction, after, tables)),
      kept: () => number(`SELECT count(*) FROM ${database.schema}.changes`),
      journaledAfter: (name = 'things') => number(`SELECT journaled_after FROM ${database.schema}.read_tables WHERE name = '${name}'`),
    };
  }

  describe('an entry', () => {
    it('is one statement with the others, and not waited for', async () => {
      const { transaction, asked, trips, rows, schema } = await open();
      await transaction(async (connection) => {
        const before = trips();
        postgresJournal().append(connection, 2, [
          entry(1, 'a', thing('a', { name: 'x\0' })),
          { ...entry(1, 'b'), before: undefined },
          entry(2),
        ]);
        expect(asked).toHaveLength(1);
        await connection.read('SELECT 1');
        expect(trips() - before).toBe(1);
      });
      const found = await rows<[string, string | null]>(`SELECT key, before FROM ${schema}.changes ORDER BY position, key`);
      expect(found.map(([key, before]) => [key, before && JSON.parse(before)[1]])).toEqual([
        ['a', 'x\0'],
        ['b', null],
        ['a', 'Lantern'],
      ]);
    });

    it('is there once a position and row', async () => {
      const { append } = await open();
      await expect(append(1, [entry(1), entry(1)])).rejects.toThrow('duplicate key');
    });
  });

  describe('forgetting', () => {
    it('goes in small steps, also through a position of very many changes', async () => {
      const { append, kept } = await open(1);
      await append(
        1,
        Array.from({ length: 1_000 }, (_, i) => entry(1, `row ${i}`)),
      );
      const counts: number[] = [];
      for (let position = 2; position < 24; position++) {
        await append(position, [entry(position)]);
        counts.push(await kept());
      }
      const steps = counts.slice(1).map((count, i) => (counts[i] ?? 0) + 1 - count);
      expect(Math.max(...steps)).toBe(65);
      expect(counts.at(-1)).toBe(1);
    });

    it('promises no more of a table than is there, where it did not get to all tables', async () => {
      const { append, kept, journaledAfter } = await open(1);
      const many = Array.from({ length: 100 }, (_, i) => i);
      const ofBoth = many.flatMap((i) => [entry(1, `row ${i}`), { ...entry(1, `row ${i}`), table: others }]);
      await append(1, ofBoth);
      const reach = async () => [await journaledAfter('others'), await journaledAfter()];
      const seen = [];
      for (let position = 2; position < 7; position++) {
        await append(position, [entry(position)]);
        seen.push([await kept(), ...(await reach())]);
      }
      expect(seen).toEqual([
        [136, 1, 0],
        [72, 1, 1],
        [8, 3, 1],
        [1, 4, 4],
        [1, 5, 5],
      ]);
    });

    it('is not done for each position, and never of what is promised', async () => {
      const { append, kept, journaledAfter } = await open(100);
      const seen: number[] = [];
      for (let position = 1; position <= 300; position++) {
        await append(position, [entry(position)]);
        seen.push(position - (await journaledAfter()), await kept());
      }
      expect(Math.max(...seen)).toBe(101);
      expect(Math.min(...seen.slice(200))).toBeGreaterThanOrEqual(100);
    });
  });

  it('follows indexes and sorts nothing, nor does forgetting', async () => {
    const database = await open(1);
    const snapshots = postgresSnapshots(database);
    await database.append(1, [entry(1), entry(1, 'b')]);
    await database.append(3, [entry(3)]);
    const snapshot = await snapshots.take();
    for (const asked of [
      { after: { position: 2 }, count: 9 },
      { after: { position: 2 }, count: 9, key: 'a' },
    ])
      await snapshot.changes(things, asked);
    snapshot.release();
    snapshots.close();
    await database.since(2);
    const end = { position: 1, key: 'a', before: undefined };
    await database.transaction(async (connection) => void (await nextBefores(connection, 'things', ['a', 'b'], end)));
    const plans = await plansOf(database, (text) => /\bchanges\b/.test(text) && !text.startsWith('INSERT'));
    const byPosition = 'Index Scan using changes_read_table_position_key_pk on changes; Index Cond: ';
    const byKey = 'Index Scan using changes_key on changes; Index Cond: ';
    const [forgetting, ...reading] = plans.map((plan) => plan.replaceAll('"', ''));
    expect(forgetting).toContain(
      `Limit; ->  ${byPosition}((read_table = late_1.name) AND (position >= late_1.journaled_after) AND (position <= $2))`,
    );
    expect(forgetting).toContain('Tid Scan on changes');
    expect(forgetting).not.toContain('Seq Scan on changes');
    expect(reading).toEqual([
      `Limit; ->  ${byPosition}((read_table = $1) AND (ROW(position, key) > ROW($2, $3)))`,
      `Limit; ->  ${byKey}((read_table = $1) AND (key = $2) AND (position >= $3))`,
      `${byPosition}((read_table = ANY ($1)) AND (position > $2) AND (position <= $3))`,
      expect.stringContaining(
        `Limit; ->  ${byKey}((read_table = $1) AND (key = asked.key) AND (position >= $3) AND (ROW(position, key) > ROW($3, $4)))`,
      ),
    ]);
  });

  describe('what others committed', () => {
    const setUp = async () => {
      const opened = await openedJournal([things, others]);
      onTestFinished(opened.close);
      const [one, other] = [new Story(opened), new Story(opened, others).after(2)];
      await one.commit(put('b', 1), puts(thing('b', { size: 2 }), thing('a', { size: 3 })));
      await other.commit(put('b', 1), put('c', 2));
      await one.after(2).commit(new Map([['b', undefined]]), put('b', 9));
      const since = (after: Position, tables = [things, others]) =>
        opened.transaction(6, async (connection) => postgresJournal().since?.(connection, after, tables));
      return { one, other, since, ...opened };
    };

    it('comes in order, of all tables, as it was and as it became', async () => {
      const { one, other, since } = await setUp();
      const all = [
        ...one.history.map((change) => ({ table: things, ...change })),
        ...other.history.map((change) => ({ table: others, ...change })),
      ].sort((a, b) => a.position - b.position);
      for (let after = 0; after <= 6; after++) expect(await since(after)).toEqual(all.filter(({ position }) => position > after));
      expect(await since(0, [others])).toEqual(all.filter(({ table }) => table === others));
      expect(await since(0, [])).toEqual([]);
    });

    it('comes of one position in the order of the tables, then of the keys', async () => {
      const { append, since } = await open();
      await append(
        1,
        ['\u{1F600}', '\uFFFD', 'b'].flatMap((key) => [{ ...entry(1, key), table: others }, entry(1, key)]),
      );
      const keys = ['b', '\uFFFD', '\u{1F600}'];
      const told = async (...tables: (typeof things)[]) => (await since(0, tables))?.map(({ table, key }) => [table.name, key]);
      expect(await told(things, others)).toEqual([...keys.map((key) => ['things', key]), ...keys.map((key) => ['others', key])]);
      expect(await told(others, things)).toEqual([...keys.map((key) => ['others', key]), ...keys.map((key) => ['things', key])]);
    });

    it('costs two ways there and back, however much it is', async () => {
      const { since, append, trips, asked } = await open();
      await append(9, Array.from({ length: 9 }, (_, i) => [entry(i + 1), { ...entry(i + 1, 'b'), table: others }]).flat());
      const before = trips();
      asked.length = 0;
      await since(0);
      expect([trips() - before, asked.length]).toEqual([2, 4]);
      await since(9);
      expect([trips() - before, asked.length]).toEqual([3, 6]);
    });

    it('is not told in part: where the journal reaches back less far, that is said', async () => {
      const { append, since, transaction } = await open(3);
      for (let position = 1; position <= 9; position++) await append(position, [entry(position)]);
      expect(await since(6)).toHaveLength(3);
      expect(await since(5)).toBeUndefined();
      // A table that was made anew begins there, and says so by itself.
      await transaction(async (connection: SqlTransaction) => {
        await stand(connection, things, 9);
        await stand(connection, others, 9);
      });
      expect(await since(5)).toEqual([]);
    });
  });
});
