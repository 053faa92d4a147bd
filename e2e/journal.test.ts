import { expect, test } from 'vitest';
import { type AnyRow, type JournaledChange, keyOf, type Reached, readOnce, type Snapshot, type Table } from '#readtable';
import { type Engine, type OpenOptions, open } from '#shell';
import { addProduct, changePrice, dailySales, orders, products, shop, users } from '#shop';
import { withDatabase } from './data-folder.ts';
import { temporaryFolder } from './server-process.ts';
import { trade } from './trade.ts';

const tables: readonly Table[] = [users, products, orders, dailySales];

/** Opens the shop on a folder for a piece of work. */
async function opened<T>(folder: string, work: (engine: Engine) => Promise<T>, options: OpenOptions = {}): Promise<T> {
  const engine = await open(shop, folder, options);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** Reads a table's changes to the end, three at a time. */
async function changesOf(from: Snapshot, table: Table, after: Reached = { position: 0 }): Promise<readonly JournaledChange[]> {
  const page = await from.changes(table, { after, count: 3 });
  expect(page).toBeDefined();
  const last = page?.changes.at(-1);
  return [...(page?.changes ?? []), ...(page?.hasMore && last ? await changesOf(from, table, last) : [])];
}

test('every row, and every step to it, is in the journal, across a restart', async () => {
  using folder = temporaryFolder();
  const read = ({ snapshots }: Engine) => readOnce(snapshots, (taken) => Promise.all(tables.map((table) => changesOf(taken, table))));
  const before = await opened(folder.path, async (engine) => {
    await trade(engine);
    return read(engine);
  });
  await opened(folder.path, async (engine) => {
    const after = await read(engine);
    expect(after).toEqual(before);
    for (const [i, table] of tables.entries()) {
      const rows = new Map<string, AnyRow | undefined>();
      for (const change of after[i] ?? []) {
        expect(change.before).toEqual(rows.get(change.key));
        rows.set(change.key, change.after);
      }
      const page = { conditions: [], orderBy: table.key, descending: false, count: 100, fromEnd: false };
      const standing = await readOnce(engine.snapshots, (taken) => taken.page(table, page));
      expect(standing.rows.map((row) => [keyOf(table, row), row])).toEqual([...rows].sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    expect(after[2]?.filter(({ key }) => key === '3').map(({ before: was, after: is }) => [was?.['username'], is?.['status']])).toEqual([
      [undefined, 'OPEN'],
      ['ada', 'OPEN'],
      ['Countess', 'CANCELLED'],
    ]);
  });
});

test('a table that was rebuilt begins its journal anew; the others go on', async () => {
  using folder = temporaryFolder();
  const position = await opened(folder.path, async (engine) => {
    await trade(engine);
    return engine.position();
  });
  withDatabase(folder.path, (db) => db.exec("UPDATE read_tables SET hash = 'x' WHERE name = 'products'"));
  await opened(folder.path, async (engine) => {
    for (const price of ['4', '5']) await engine.send(changePrice, { sku: 'heart', price });
    await readOnce(engine.snapshots, async (taken) => {
      // Who saw the log just as far as the rebuild may have seen the old rows.
      for (const after of [{ position: position - 1 }, { position }])
        expect(await taken.changes(products, { after, count: 1 })).toBeUndefined();
      expect(await changesOf(taken, products, { position: position + 1 })).toHaveLength(1);
      expect((await changesOf(taken, orders)).length).toBeGreaterThan(8);
    });
  });
});

test('the journal reaches back as far as it is told, and its file does not grow beyond that', async () => {
  using folder = temporaryFolder();
  const change = ({ send }: Engine, i: number) => send(changePrice, { sku: 'heart', price: `${i}` });
  await opened(
    folder.path,
    async (engine) => {
      await engine.send(addProduct, { sku: 'heart', name: 'Heart', price: '2.55', stock: 1 });
      for (let i = 1; i < 300; i++) await change(engine, i);
      await readOnce(engine.snapshots, async (taken) => {
        expect((await taken.changes(products, { after: { position: 280 }, count: 99 }))?.changes).toHaveLength(20);
        expect(await taken.changes(products, { after: { position: 279 }, count: 99 })).toBeUndefined();
      });
    },
    { journalPositionsMax: 20 },
  );
  expect(withDatabase(folder.path, (db) => db.prepare('SELECT count(*) FROM changes').pluck().get())).toBe(20);
});
