import { join } from 'node:path';
import Database from 'better-sqlite3';

/** The baseline: prepared inserts of an event, a receipt and a row, 64 of each a commit, `synchronous=FULL`. Commands a second. */
export function bareInserts(folder: string, seconds: number): number {
  const db = new Database(join(folder, `bare-${performance.now()}.db`));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT, version INTEGER, type TEXT, data TEXT, metadata TEXT, UNIQUE (stream, version));
    CREATE TABLE commands (command_id TEXT PRIMARY KEY, input_hash TEXT, outcome TEXT, position INTEGER);
    CREATE TABLE products (sku TEXT PRIMARY KEY, name TEXT, price INTEGER, stock INTEGER, units_sold INTEGER, version INTEGER);`);
  const event = db.prepare('INSERT INTO events (stream, version, type, data, metadata) VALUES (?, 1, ?, ?, ?)');
  const receipt = db.prepare('INSERT INTO commands VALUES (?, ?, ?, ?)');
  const row = db.prepare('INSERT INTO products VALUES (?, ?, ?, ?, 0, 1) ON CONFLICT (sku) DO UPDATE SET stock = excluded.stock');
  const until = performance.now() + seconds * 1000;
  const started = performance.now();
  let done = 0;
  const commit = db.transaction(() => {
    for (let i = 0; i < 64; i++, done++) {
      event.run(
        `product-b${done}`,
        'ProductAdded',
        '{"name":"Bench","price":"1.00","stock":1,"sku":"b"}',
        '{"commandId":"0","correlationId":"0"}',
      );
      receipt.run(`command-${done}`, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '{}', done);
      row.run(`b${done}`, 'Bench', 10_000, 1);
    }
  });
  while (performance.now() < until) commit();
  const perSecond = done / ((performance.now() - started) / 1000);
  db.close();
  return perSecond;
}
