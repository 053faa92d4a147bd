import { expect, it, onTestFinished } from 'vitest';
import type { SqlTransaction } from '#base';
import { tableHash } from '../hash.ts';
import { type Equals, type RowStore, type Table, table, text } from '../index.ts';
import { nextTable } from '../names.ts';
import { rowStoreContract, thing, things } from '../rowstore.contract.ts';
import { postgresStanding } from '../standing.ts';
import { postgresCatalog } from './catalog.ts';
import { testDatabase, withPostgres } from './database.fixture.ts';
import { postgresRows } from './rows.ts';

withPostgres('Rows in PostgreSQL', () => {
  rowStoreContract(
    'PostgreSQL',
    async (table) => {
      const { transaction, remove } = await testDatabase(table);
      return { store: postgresRows(), transaction, close: remove };
    },
    { nul: true },
  );

  async function open(...tables: readonly Table[]) {
    const database = await testDatabase(...tables);
    onTestFinished(database.remove);
    return database;
  }

  const keys = ['a', 'b', 'c'];
  const all = new Map(keys.map((key) => [key, thing(key)]));

  it('asks once for all rows that are expected, of all tables, and not for one of them again', async () => {
    const names = table('names', { name: text() }, { key: 'name' });
    const { transaction, asked, trips } = await open(things, names);
    const store = postgresRows();
    await transaction(async (connection) => store.write(connection, things, all));
    asked.length = 0;
    await transaction(async (connection) => {
      const before = trips();
      await store.expect?.(
        connection,
        new Map([
          [things, new Set([...keys, 'none'])],
          [names, new Set(['x'])],
        ]),
      );
      for (const key of [...keys, 'none']) expect(store.get(connection, things, key)).toEqual(all.get(key));
      expect(store.get(connection, names, 'x')).toBeUndefined();
      expect([asked.length, trips() - before]).toEqual([2, 1]);
      expect(await store.get(connection, things, 'd')).toBeUndefined();
      expect(asked).toHaveLength(3);
    });
  });

  it('knows what its transaction has written, and nothing in the next one', async () => {
    const { transaction, asked } = await open(things);
    const store = postgresRows();
    const failed = transaction(async (connection) => {
      await store.expect?.(connection, new Map([[things, new Set(['a', 'b'])]]));
      await store.write(
        connection,
        things,
        new Map([
          ['a', thing('a', { size: 2 })],
          ['b', undefined],
        ]),
      );
      expect([store.get(connection, things, 'a'), store.get(connection, things, 'b')]).toEqual([thing('a', { size: 2 }), undefined]);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    asked.length = 0;
    await transaction(async (connection) => expect(await store.get(connection, things, 'a')).toBeUndefined());
    expect(asked).toHaveLength(1);
  });

  it('writes many rows by one statement, and waits for none', async () => {
    const { transaction, asked, trips } = await open(things);
    const store = postgresRows();
    await transaction(async (connection) => {
      const before = trips();
      store.write(connection, things, new Map([...all, ['gone', undefined], ['gone too', undefined]]));
      expect(asked.map(([text]) => text.slice(0, 11))).toEqual(['INSERT INTO', 'DELETE FROM']);
      await connection.read('SELECT 1');
      expect(trips() - before).toBe(1);
    });
  });

  it('writes more rows than one statement takes', async () => {
    const { transaction, rows, schema } = await open(things);
    const many = new Map(Array.from({ length: 5_001 }, (_, i) => [`row ${i}`, thing(`row ${i}`)]));
    await transaction(async (connection) => postgresRows().write(connection, things, many));
    expect(await rows(`SELECT count(*) FROM ${schema}.things`)).toEqual([[5_001]]);
    await transaction(async (connection) =>
      postgresRows().write(connection, things, new Map([...many.keys()].map((key) => [key, undefined]))),
    );
    expect(await rows(`SELECT count(*) FROM ${schema}.things`)).toEqual([[0]]);
  });

  it('refuses a text that cannot be stored, and finds no row by one', async () => {
    const { transaction } = await open(things);
    const store = postgresRows();
    const write = (row: ReturnType<typeof thing>) =>
      transaction(async (connection) => store.write(connection, things, new Map([[row.thingId, row]])));
    const refused = {
      code: 'TEXT_NOT_STORABLE',
      message: 'A row of things has the character U+0000 in note, which PostgreSQL cannot store.',
    };
    await expect(write(thing('a', { note: 'x\0' }))).rejects.toMatchObject(refused);
    await expect(write(thing('a\0'))).rejects.toMatchObject({ code: 'TEXT_NOT_STORABLE' });
    await write(thing('a', { note: null }));
    await transaction(async (connection) => {
      store.write(connection, things, new Map([['a\0', undefined]]));
      expect(await store.get(connection, things, 'a\0')).toBeUndefined();
      expect(await store.where(connection, things, { note: '\0' })).toEqual([]);
      await store.expect?.(connection, new Map([[things, new Set(['a\0', 'a'])]]));
      expect(store.get(connection, things, 'a')).toEqual(thing('a'));
    });
  });

  it('writes to the table that it is told, beside the one that stands', async () => {
    const { transaction } = await open(things);
    await transaction(async (connection) => {
      await postgresCatalog.prepareNext(connection, things);
      const standing = postgresStanding(connection);
      postgresCatalog.nextRows().write(connection, things, all);
      expect(await standing.count('things')).toBe(0);
      expect(await standing.count(nextTable(things))).toBe(3);
    });
  });

  it('keeps a table of keys alone', async () => {
    const names = table('names', { name: text() }, { key: 'name' });
    const { transaction } = await open(names);
    const store = postgresRows();
    for (let i = 0; i < 2; i += 1) await transaction(async (connection) => store.write(connection, names, new Map([['a', { name: 'a' }]])));
    expect(await transaction(async (connection) => store.where(connection, names, {}))).toEqual([{ name: 'a' }]);
  });

  it('looks rows up by an index, for null too', async () => {
    const users = table('users', { userId: text(), ...things.columns }, { key: 'userId', indexes: [['note', 'soldAt']] });
    const { transaction, asked } = await open(users);
    const store: RowStore<SqlTransaction> = postgresRows();
    const plan = (equals: Equals) =>
      transaction(async (connection) => {
        asked.length = 0;
        await store.where(connection, users, equals);
        const [text, values] = asked[0] ?? ['', []];
        await connection.define('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off');
        return (await connection.read<[string]>(`EXPLAIN (COSTS OFF) ${text}`, values)).map(([line]) => line.trim());
      });
    for (const note of ['x', null]) {
      const [scan, condition] = await plan({ note, soldAt: new Date(0) });
      expect(scan).toBe('Index Scan using "users__a_note_soldAt" on users');
      expect(condition).toMatch(/^Index Cond: \(\(note (IS NULL|= 'x'::text)\) AND \("soldAt" = '0'::bigint\)\)$/);
    }
  });

  it('tells of tables that were made anew, and stops where it was by another program', async () => {
    const { transaction } = await open(things);
    const hash = tableHash(things, '');
    const [store, newer] = [
      postgresRows({ hashes: new Map([['things', hash]]) }),
      postgresRows({ hashes: new Map([['things', 'newer']]) }),
    ];
    const rebuilt = (one: RowStore<SqlTransaction>) => transaction(async (connection) => one.rebuilt?.(connection));
    const swap = (by: string) =>
      transaction(async (connection) => {
        await postgresCatalog.prepareNext(connection, things);
        await postgresCatalog.swapNext(connection, things, by, 1);
      });
    expect(await rebuilt(store)).toEqual([]);
    expect(await rebuilt(store)).toEqual([]);
    await swap(hash);
    expect([await rebuilt(store), await rebuilt(store)]).toEqual([['things'], []]);
    await swap('newer');
    const superseded = {
      code: 'SUPERSEDED',
      retryable: true,
      message: 'The read table things was made or dropped by another version of the program.',
    };
    await expect(rebuilt(store)).rejects.toMatchObject(superseded);
    expect(await rebuilt(newer)).toEqual([]);
    const add = `INSERT INTO %.read_tables (name, hash, position) VALUES ('more', 'x', 1)`;
    const remove = "DELETE FROM %.read_tables WHERE name = 'more'";
    const run = (text: string) => transaction(async (connection) => connection.write(text.replace('%', connection.schema)));
    await run(add);
    await expect(rebuilt(newer)).rejects.toMatchObject({ code: 'SUPERSEDED', message: expect.stringContaining('more') });
    await run(remove);
    expect(await rebuilt(newer)).toEqual([]);
    await transaction(async (connection) => connection.write(`DELETE FROM ${connection.schema}.read_tables`));
    await expect(rebuilt(newer)).rejects.toMatchObject(superseded);
  });
});
