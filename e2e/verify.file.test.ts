import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test, vi } from 'vitest';
import { changePrice, shop } from '#shop';
import { open, verify } from '#varve';
import { databaseFile, withDatabase } from './data-folder.ts';
import { temporaryFolder } from './server-process.ts';
import { places, sql } from './tamper.ts';
import { trade, tradeIn } from './trade.ts';

vi.setConfig({ testTimeout: 60_000 });

describe('a head that was noted', () => {
  test('is found again, or its loss is', async () => {
    using folder = temporaryFolder();
    using copy = temporaryFolder();
    await tradeIn(folder.path);
    const { head: early } = await verify(shop, folder.path);
    cpSync(databaseFile(folder.path), databaseFile(copy.path));
    const price = withDatabase(copy.path, (db) => Number(db.prepare("SELECT price FROM products WHERE sku = 'heart'").pluck().get()));
    const [engine, other] = [await open(shop, folder.path), await open(shop, copy.path)];
    await engine.send(changePrice, { sku: 'heart', price: '4' });
    await other.send(changePrice, { sku: 'heart', price: '5' });
    await Promise.all([engine.close(), other.close()]);

    const { head: late } = await verify(shop, folder.path, { head: early });
    expect(late.position).toBe(16);
    const again = await Promise.all([early, late].map((head) => verify(shop, folder.path, { head })));
    expect(again.map(({ ok }) => ok)).toEqual([true, true]);
    // The older copy, which went its own way.
    expect((await verify(shop, copy.path, { head: early })).ok).toBe(true);
    expect(places(await verify(shop, copy.path, { head: late }))).toEqual(['HEAD_DIFFERS 16']);
    expect(places(await verify(shop, copy.path, { head: { position: 17, hash: late.hash } }))).toEqual(['HEAD_LOST 17']);

    // A tail that is cut off so well that nothing else shows it.
    withDatabase(
      folder.path,
      sql('DELETE FROM events WHERE position = 16; DELETE FROM event_tags WHERE position = 16; DELETE FROM commands WHERE position = 16'),
    );
    withDatabase(
      folder.path,
      sql(`DELETE FROM changes WHERE position = 16; UPDATE products SET price = ${price}, version = 2 WHERE sku = 'heart'`),
    );
    expect(places(await verify(shop, folder.path))).toEqual([]);
    expect(places(await verify(shop, folder.path, { head: late }))).toEqual(['HEAD_LOST 16']);
  });
});

function placesOf(bytes: Buffer, text: string): readonly number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) found.push(at);
  return found;
}

describe('a file', () => {
  test('with a flipped bit in an event, which SQLite takes for well, is found', async () => {
    using folder = temporaryFolder();
    await tradeIn(folder.path);
    const file = databaseFile(folder.path);
    const data = withDatabase(folder.path, (db) => String(db.prepare('SELECT data FROM events WHERE position = 4').pluck().get()));
    const bytes = readFileSync(file);
    // Wherever the text stands, for a page may hold what was moved away from it too.
    const places = placesOf(bytes, data);
    expect(places.length).toBeGreaterThan(0);
    for (const at of places.map((place) => place + data.indexOf('"name":"') + 8)) bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(file, bytes);
    expect(withDatabase(folder.path, (db) => db.pragma('integrity_check', { simple: true }))).toBe('ok');
    const { ok, findings } = await verify(shop, folder.path);
    expect(ok).toBe(false);
    expect(findings[0]).toMatchObject({ code: 'CHAIN_BROKEN', position: 4 });
  });

  test('whose pages are overwritten is damaged, and the rest of it is checked all the same', async () => {
    using folder = temporaryFolder();
    await tradeIn(folder.path);
    const page = withDatabase(folder.path, (db) =>
      Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'products'").pluck().get()),
    );
    const bytes = readFileSync(databaseFile(folder.path));
    bytes.fill(0xff, (page - 1) * 4_096, page * 4_096);
    writeFileSync(databaseFile(folder.path), bytes);
    const { ok, counts, tables, head } = await verify(shop, folder.path);
    expect([ok, Object.keys(counts), head.position]).toEqual([false, ['FILE_DAMAGED'], 15]);
    expect(tables.map(({ state }) => state)).toEqual(['equal', 'differs', 'equal', 'equal']);
  });

  test('that is no log, is gone, locked, or of another version cannot be checked, and says why', async () => {
    using folder = temporaryFolder();
    const codeOf = async (path = folder.path) =>
      verify(shop, path).then(
        ({ findings }) => findings[0]?.code,
        (fault: { code?: string }) => fault.code,
      );
    const file = databaseFile(folder.path);
    expect(await codeOf()).toBe('NO_LOG');
    expect(await codeOf(join(folder.path, 'no/where'))).toBe('NO_LOG');
    expect(await codeOf(join(folder.path, 'x'.repeat(300)))).toBe('STORAGE_FAILED');
    writeFileSync(file, 'a text');
    expect(await codeOf()).toBe('NOT_A_LOG');
    writeFileSync(file, '');
    expect(await codeOf()).toBe('FILE_DAMAGED');
    rmSync(file);
    await tradeIn(folder.path);
    const holder = new Database(file);
    holder.pragma('locking_mode = EXCLUSIVE');
    holder.exec('UPDATE read_tables SET position = 0; UPDATE read_tables SET position = 0');
    expect(await codeOf()).toBe('LOG_LOCKED');
    holder.close();
    const migrated = (sign: '+' | '-') =>
      sql(
        `UPDATE __drizzle_migrations SET created_at = created_at ${sign} 1 WHERE created_at = (SELECT max(created_at) FROM __drizzle_migrations)`,
      );
    withDatabase(folder.path, migrated('+'));
    expect(await codeOf()).toBe('LOG_TOO_NEW');
    withDatabase(folder.path, migrated('-'));
    expect(await codeOf()).toBeUndefined();
    withDatabase(folder.path, migrated('-'));
    expect(await codeOf()).toBe('LOG_TOO_OLD');
    withDatabase(folder.path, sql('DROP TABLE commands'));
    expect(await codeOf()).toBe('LOG_TOO_OLD');
    withDatabase(folder.path, migrated('+'));
    expect(await codeOf()).toBe('FILE_DAMAGED');
  });

  test('that a killed process left, with its write-ahead log, is checked with what stands there, and stays so', async () => {
    using folder = temporaryFolder();
    using left = temporaryFolder();
    const engine = await open(shop, folder.path);
    await trade(engine);
    cpSync(folder.path, left.path, { recursive: true });
    await engine.close();
    const wal = () => readFileSync(`${databaseFile(left.path)}-wal`).toString('latin1');
    const before = wal();
    expect(await verify(shop, left.path)).toMatchObject({ ok: true, head: { position: 15 } });
    expect(wal()).toBe(before);
  });
});
