import { expect, it, onTestFinished } from 'vitest';
import type { SqlTransaction } from '#base';
import { catalogContract } from '../catalog.contract.ts';
import { id, list, type Table, table, text } from '../index.ts';
import { thing, things } from '../rowstore.contract.ts';
import { postgresStanding } from '../standing.ts';
import { postgresCatalog } from './catalog.ts';
import { stand, type TestDatabase, testDatabase, withPostgres } from './database.fixture.ts';
import { postgresJournal } from './journal.ts';
import { postgresRows } from './rows.ts';

/** Those of the log. */
const logTables = ['changes', 'commands', 'event_tags', 'events', 'generations', 'reactions', 'read_tables', 'write_lock'];

withPostgres('The catalog in PostgreSQL', () => {
  const looking = ({ schema, rows }: TestDatabase) => {
    const first = async (text: string, values: readonly unknown[] = []) => (await rows<[string]>(text, values)).map(([value]) => value);
    const named = (what: string) =>
      first(`SELECT ${what} COLLATE "C" AS name FROM pg_indexes WHERE format('%I', schemaname) = $1`, [schema]);
    return {
      tables: async () =>
        (
          await first(`SELECT tablename FROM pg_tables WHERE format('%I', schemaname) = $1 ORDER BY tablename COLLATE "C"`, [schema])
        ).filter((name) => !logTables.includes(name)),
      indexes: async () => (await named('indexname')).filter((name) => /__[ab]_/.test(name)).sort(),
      definitions: async () => (await named('indexdef')).filter((text) => /__[ab]_/.test(text)).sort(),
      noted: async (name: string) =>
        (await rows(`SELECT position, journaled_after, rebuilds FROM ${schema}.read_tables WHERE name = $1`, [name]))[0],
      journaled: () => first(`SELECT DISTINCT read_table FROM ${schema}.changes`),
    };
  };

  catalogContract<SqlTransaction>('PostgreSQL', postgresCatalog, async (tables) => {
    const database = await testDatabase(...tables);
    const { transaction, remove, schema } = database;
    return {
      standing: postgresStanding,
      rows: postgresRows(),
      journal: postgresJournal(),
      transaction,
      ...looking(database),
      drop: (name) => transaction((connection) => connection.define(`DROP TABLE ${schema}.${name}`)),
      close: remove,
    };
  });

  async function open(...tables: readonly Table[]) {
    const database = await testDatabase(...tables);
    onTestFinished(database.remove);
    return { ...database, ...looking(database) };
  }

  it('creates a table whose texts are ordered by their bytes, with the key last in every index', async () => {
    const { schema, rows, definitions } = await open(things);
    const columns = await rows(
      `SELECT attname, format_type(atttypid, atttypmod), attnotnull, (SELECT collname FROM pg_collation WHERE oid = attcollation)
       FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 ORDER BY attnum`,
      [`${schema}.things`],
    );
    expect(columns).toEqual([
      ['thingId', 'text', true, 'C'],
      ['name', 'text', true, 'C'],
      ['note', 'text', false, 'C'],
      ['size', 'integer', true, null],
      ['price', 'bigint', true, null],
      ['discount', 'bigint', false, null],
      ['madeAt', 'bigint', true, null],
      ['soldAt', 'bigint', false, null],
      ['open', 'smallint', true, null],
      ['fragile', 'smallint', false, null],
      ['status', 'text', true, 'C'],
      ['parts', 'text', true, 'C'],
    ]);
    expect((await definitions()).map((text) => text.replace(/^.* USING /, ''))).toEqual([
      'btree (status, "madeAt", "thingId")',
      'btree (name, "thingId")',
    ]);
  });

  it('gives indexes with long names names of their own, and refuses a table or column whose name is too long', async () => {
    const [one, other] = [`${'long'.repeat(14)}A`, `${'long'.repeat(14)}B`];
    const columns = { key: id(), [one]: text(), [other]: text() };
    const [wide, wider] = ['wide', 'wider'].map((name) => table(name, columns, { key: 'key', indexes: [[one], [other], [one, other]] }));
    const { transaction, indexes } = await open();
    await transaction(async (connection) => {
      for (const each of [wide, wider]) if (each) await stand(connection, each);
    });
    const names = await indexes();
    expect(names.filter((name) => /^wider?__a_(long)+/.test(name) && name.length <= 63)).toHaveLength(6);
    const prepare = (one: Table) => transaction((connection) => postgresCatalog.prepareNext(connection, one));
    const tooLong = table(`t${'o'.repeat(58)}`, { key: id() }, { key: 'key' });
    await expect(prepare(tooLong)).rejects.toThrow('has 65 letters; PostgreSQL knows 63 of them');
    await expect(prepare(table('ok', { key: id(), ['x'.repeat(64)]: list('X', {}) }, { key: 'key' }))).rejects.toThrow('has 64 letters');
  });

  it('gives a table with a long name its indexes again with every rebuild', async () => {
    const long = table(`t${'o'.repeat(55)}`, { key: id(), description: text() }, { key: 'key', indexes: [['description']] });
    const { transaction, rows } = await open();
    for (let rebuilds = 0; rebuilds < 3; rebuilds++) {
      await transaction((connection) => stand(connection, long));
      expect(await rows("SELECT FROM pg_indexes WHERE tablename = $1 AND indexdef LIKE '%(description, %'", [long.name])).toHaveLength(1);
    }
  });

  it('drops of a name that only ends alike nothing, whatever a backslash means', async () => {
    const next = table('things_next', { key: id() }, { key: 'key' });
    const { transaction, tables } = await open(next);
    await transaction(async (connection) => {
      await connection.define('SET LOCAL standard_conforming_strings = off');
      await postgresCatalog.prepareNext(connection, next);
      await postgresCatalog.dropUnfinished(connection);
    });
    expect(await tables()).toEqual(['things_next']);
  });

  it('keeps the logs of one database apart', async () => {
    const [one, other] = [await open(things), await open(things)];
    await one.transaction(async (connection) => {
      await postgresCatalog.prepareNext(connection, things);
      await postgresCatalog.indexNext(connection, things);
    });
    await other.transaction((connection) => postgresCatalog.dropUnfinished(connection));
    expect([await one.tables(), await other.tables()]).toEqual([['things', 'things__next'], ['things']]);
    await other.transaction(async (connection) => {
      await postgresCatalog.prepareNext(connection, things);
      await postgresCatalog.nextRows().write(connection, things, new Map([['a', thing('a')]]));
      await postgresCatalog.swapNext(connection, things, 'hash', 1);
    });
    const count = (of: TestDatabase) => of.transaction((connection) => postgresStanding(connection).count('things'));
    expect([await count(one), await count(other)]).toEqual([0, 1]);
  });
});
