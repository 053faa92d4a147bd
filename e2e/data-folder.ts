import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Table } from '#readtable';
import { open } from '#shell';
import { addProduct, dailySales, orders, placeOrder, products, registerUser, shop, users } from '#shop';

/** The data folder of a stopped server, looked at and tampered with behind the program's back. */

/** The file that all is in. */
export const databaseFile = (folder: string): string => join(folder, 'varve.db');

/** Leaves three events in a folder, one of each kind of aggregate: what tests copy and break. */
export async function writeLittleHistory(folder: string): Promise<void> {
  const engine = await open(shop, folder);
  await engine.send(registerUser, { userId: 'ada', username: 'Ada' });
  await engine.send(addProduct, { sku: 'lantern', name: 'Lantern', price: '3.39', stock: 20 });
  await engine.send(placeOrder, { orderId: '1', userId: 'ada', lines: [{ sku: 'lantern', quantity: 2 }] });
  await engine.close();
}

/** Opens the database of a folder that no server holds, for one piece of work. */
export function withDatabase<T>(folder: string, work: (db: Database.Database) => T): T {
  const db = new Database(databaseFile(folder), { fileMustExist: true });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/**
 * Puts a folder's log back to how the first so many migrations leave it, as an older program would have written it: without what later ones brought, and
 * without read tables.
 */
export function asMigratedBy(folder: string, count: number): void {
  const [file, migrations] = [databaseFile(folder), join(import.meta.dirname, '../drizzle/sqlite')];
  const { entries } = JSON.parse(readFileSync(join(migrations, 'meta/_journal.json'), 'utf8')) as {
    readonly entries: readonly { readonly tag: string; readonly when: number }[];
  };
  const old = new Database(`${file}.old`);
  old.exec('CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)');
  for (const { tag, when } of entries.slice(0, count)) {
    old.exec(readFileSync(join(migrations, `${tag}.sql`), 'utf8'));
    old.prepare("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('', ?)").run(when);
  }
  old.prepare('ATTACH ? AS newer').run(file);
  old.pragma(`application_id = ${old.pragma('newer.application_id', { simple: true })}`);
  for (const table of ['events', 'event_tags', 'commands']) {
    const columns = old.prepare(`SELECT group_concat(name, ', ') FROM pragma_table_info('${table}')`).pluck().get();
    old.exec(`INSERT INTO ${table} (${columns}) SELECT ${columns} FROM newer.${table}`);
  }
  old.close();
  renameSync(`${file}.old`, file);
}

/** Every row of a read table in the order of its keys, as JSON of its stored values. */
export const allRows = (db: Database.Database, { name, key }: Pick<Table, 'name' | 'key'>): readonly string[] =>
  db
    .prepare(`SELECT * FROM "${name}" ORDER BY "${key}"`)
    .raw()
    .all()
    .map((values) => JSON.stringify(values));

/** Every row of every read table of the shop, as JSON of its stored values. */
export function rowsOf(folder: string): Readonly<Record<string, readonly string[]>> {
  return withDatabase(folder, (db) =>
    Object.fromEntries([users, products, orders, dailySales].map((table) => [table.name, allRows(db, table)])),
  );
}

/** The same after every table was built anew from the log. */
export async function rebuiltRowsOf(folder: string): Promise<ReturnType<typeof rowsOf>> {
  withDatabase(folder, (db) =>
    db.exec("UPDATE read_tables SET hash = 'x'; DELETE FROM users; DELETE FROM products; DELETE FROM orders; DELETE FROM daily_sales"),
  );
  await (await open(shop, folder)).close();
  return rowsOf(folder);
}

/** What the log says of each event, oldest first. */
export function eventsOf(folder: string): readonly { readonly position: number; readonly commandId: string }[] {
  return withDatabase(folder, (db) =>
    db
      .prepare<[], { position: number; commandId: string }>(
        "SELECT position, metadata ->> '$.commandId' AS commandId FROM events ORDER BY position",
      )
      .all(),
  );
}
