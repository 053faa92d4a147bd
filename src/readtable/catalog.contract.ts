import { expect, it, onTestFinished } from 'vitest';
import type { Catalog } from './catalog.ts';
import { id } from './column.ts';
import type { Journal } from './journal.ts';
import { nextTable } from './names.ts';
import type { Awaitable, RowStore } from './port.ts';
import { thing, things } from './rowstore.contract.ts';
import type { StandingTables } from './standing.ts';
import { type Table, table } from './table.ts';

/** A catalog in which some tables stand, and ways to look into it. */
export interface OpenCatalog<Connection> {
  readonly standing: (connection: Connection) => StandingTables;
  readonly rows: RowStore<Connection>;
  readonly journal: Journal<Connection>;
  /** Runs the work; where it throws, undoes it and throws on. */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Names of the tables that are there besides the log's, in order. */
  tables(): Awaitable<readonly string[]>;
  /** Names of their indexes, keys aside, in order. */
  indexes(): Awaitable<readonly string[]>;
  /** What `read_tables` says of a table: where its rows were made, how far back its journal reaches, how often its rows were made. */
  noted(name: string): Awaitable<readonly unknown[] | undefined>;
  /** Tables that the journal has entries of. */
  journaled(): Awaitable<readonly string[]>;
  /** Drops a table behind the catalog's back. */
  drop(name: string): Awaitable<void>;
  close(): Awaitable<void>;
}

/** What every catalog of read tables keeps to. An adapter's test file calls it with a way to open itself. */
export function catalogContract<Connection>(
  name: string,
  catalog: Catalog<Connection>,
  opens: (tables: readonly Table[]) => Awaitable<OpenCatalog<Connection>>,
): void {
  const open = async (...tables: readonly Table[]) => {
    const opened = await opens(tables);
    onTestFinished(opened.close);
    return opened;
  };
  const gone = table('gone', { goneId: id() }, { key: 'goneId' });
  const titled = (title: string) => `${name}'s catalog ${title}`;

  it(titled('swaps a rebuilt table in, again and again, rows and indexes with it'), async () => {
    const { transaction, rows, tables, indexes, noted } = await open(things);
    for (let round = 1; round <= 3; round += 1) {
      await transaction(async (connection) => {
        await catalog.prepareNext(connection, things);
        await catalog.nextRows().write(connection, things, new Map([['a', thing('a', { size: round })]]));
        await catalog.swapNext(connection, things, `hash ${round}`, round);
      });
      expect(await transaction(async (connection) => rows.get(connection, things, 'a'))).toEqual(thing('a', { size: round }));
      expect(await tables()).toEqual(['things']);
      expect(await indexes()).toHaveLength(2);
      expect(await transaction(async (connection) => catalog.tableStates(connection))).toEqual(new Map([['things', `hash ${round}`]]));
      expect(await noted('things')).toEqual([round, round, round + 1]);
    }
  });

  it(titled('begins anew where a rebuild was left unfinished'), async () => {
    const { transaction, indexes, standing } = await open(things);
    await transaction(async (connection) => {
      await catalog.prepareNext(connection, things);
      await catalog.nextRows().write(connection, things, new Map([['a', thing('a')]]));
      await catalog.indexNext(connection, things);
    });
    expect(await indexes()).toHaveLength(4);
    const left = await transaction(async (connection) => {
      await catalog.prepareNext(connection, things);
      return standing(connection).count(nextTable(things));
    });
    expect(left).toBe(0);
    expect(await indexes()).toHaveLength(2);
  });

  it(titled('makes the indexes of a table that is filled when its rows are there, but that of a look for rows before it'), async () => {
    const { transaction, indexes } = await open(things);
    const before = await indexes();
    const made = async () => (await indexes()).filter((index) => !before.includes(index));
    const next = catalog.nextRows();
    await transaction(async (connection) => {
      await catalog.prepareNext(connection, things);
      await next.write(connection, things, new Map([['a', thing('a', { name: 'x' })]]));
      await next.where(connection, things, { size: 1 });
    });
    expect(await made()).toEqual([]);
    const found = await transaction(async (connection) => next.where(connection, things, { size: 1, name: 'x' }));
    expect(found).toEqual([thing('a', { name: 'x' })]);
    expect(await made()).toEqual(['things__b_name']);
    await transaction(async (connection) => catalog.indexNext(connection, things));
    expect(await made()).toEqual(['things__b_name', 'things__b_status_madeAt']);
    await transaction(async (connection) => catalog.swapNext(connection, things, 'hash', 1));
    expect(await indexes()).toEqual(['things__b_name', 'things__b_status_madeAt']);
  });

  it(titled('leaves all as it was where the transaction fails, at any step'), async () => {
    const { transaction, tables, indexes, noted } = await open(things);
    const all = async () => [await tables(), await indexes(), await noted('things')];
    const before = await all();
    for (const steps of [1, 2, 3]) {
      const fails = transaction(async (connection) => {
        const each = [
          () => catalog.prepareNext(connection, things),
          () => catalog.swapNext(connection, things, 'new', 1),
          () => catalog.enforce(connection, new Map()),
        ];
        for (const step of each.slice(0, steps)) await step();
        throw new Error('power cut');
      });
      await expect(fails).rejects.toThrow('power cut');
      expect(await all()).toEqual(before);
    }
  });

  it(titled('forgets the journal of a table that is swapped in or dropped, and of no other'), async () => {
    const { transaction, journal, journaled } = await open(things, gone);
    const entry = { key: 'a', before: undefined, position: 1 };
    await transaction(async (connection) => {
      for (const each of [things, gone]) await journal.append(connection, 1, [{ ...entry, table: each }]);
      await catalog.prepareNext(connection, things);
      await catalog.swapNext(connection, things, 'hash', 2);
    });
    expect(await journaled()).toEqual(['gone']);
    await transaction(async (connection) => catalog.enforce(connection, new Map([['things', 'hash']])));
    expect(await journaled()).toEqual([]);
  });

  it(titled('drops the tables that no definition knows, and what unfinished rebuilds left, and nothing else'), async () => {
    const kept = table('kept', { keptId: id() }, { key: 'keptId' });
    const { transaction, tables, noted } = await open(kept, gone);
    await transaction(async (connection) => {
      for (const each of [kept, gone]) await catalog.prepareNext(connection, each);
      await catalog.enforce(connection, new Map([['kept', 'hash']]));
    });
    expect(await tables()).toEqual(['gone__next', 'kept', 'kept__next']);
    await transaction(async (connection) => catalog.dropUnfinished(connection));
    expect(await tables()).toEqual(['kept']);
    expect([await noted('gone'), await noted('kept')]).toEqual([undefined, [0, 0, 1]]);
  });

  it(titled('counts a table whose rows are not there as not standing'), async () => {
    const { transaction, drop } = await open(things);
    const states = async () => (await transaction(async (connection) => catalog.tableStates(connection))).size;
    expect(await states()).toBe(1);
    await drop('things');
    expect(await states()).toBe(0);
    await transaction(async (connection) => {
      await catalog.prepareNext(connection, things);
      await catalog.swapNext(connection, things, 'hash', 1);
    });
    expect(await states()).toBe(1);
  });

  it.each(['events', 'read_tables', 'changes'])(titled('does not touch the log where a read table is named %s'), async (taken) => {
    const { transaction, tables } = await open();
    const thief = table(taken, { thiefId: id() }, { key: 'thiefId' });
    const refused = expect.objectContaining({ code: 'TABLE_NAME_TAKEN' });
    await expect(transaction(async (connection) => catalog.prepareNext(connection, thief))).rejects.toEqual(refused);
    await expect(transaction(async (connection) => catalog.swapNext(connection, thief, 'hash', 1))).rejects.toEqual(refused);
    expect(await tables()).toEqual([]);
  });

  it(titled('notes that rows have become others'), async () => {
    const { transaction, noted, journal, journaled } = await open(things);
    await transaction(async (connection) => {
      await journal.append(connection, 3, [{ table: things, key: 'a', before: undefined, position: 3 }]);
      await catalog.noteRebuilt(connection, things, 4);
    });
    expect([await noted('things'), await journaled()]).toEqual([[4, 4, 2], []]);
  });

  it(titled('shows rows as their stored bytes, in the order of their keys'), async () => {
    const { transaction, rows, standing } = await open(things);
    const spare = { spare: true, tags: [], madeAt: new Date(1), price: thing('').price, sku: 'x' };
    const shown = await transaction(async (connection) => {
      const all = [thing('\u{1F600}'), thing('\uFFFD'), thing('b'), thing('a', { parts: [spare] })];
      await rows.write(connection, things, new Map(all.map((row) => [row.thingId, row])));
      return standing(connection).rows(things, undefined, 10);
    });
    const values = ['Lantern', null, 1, 125_000, null, 1_291_191_960_123, null, 1, null, 'NEW'];
    expect(shown).toEqual([
      ['a', ...values, '[{"sku":"x","price":125000,"madeAt":1,"spare":1,"tags":[]}]'],
      ...['b', '\uFFFD', '\u{1F600}'].map((key) => [key, ...values, '[]']),
    ]);
  });
}
