import { join } from 'node:path';
import Database from 'better-sqlite3';
import { allRows } from '#readtable';
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
