import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { shop } from '#shop';
import { verify } from '#varve';
import { asMigratedBy, withDatabase, writeLittleHistory } from './data-folder.ts';
import { RestockProductDocument } from './generated/graphql.ts';
import { pause } from './load.ts';
import { runVarve, startServerProcess, temporaryFolder } from './server-process.ts';
import { shopClient } from './shop-client.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Makes a log older than it is, as an older program would have left it: without hashes, which the next start gives it. */
function aged(folder: string, days: number): void {
  withDatabase(folder, (db) => db.exec(`UPDATE events SET recorded_at = recorded_at - ${days * 86_400_000}`));
  asMigratedBy(folder, 2);
}

const receiptsIn = (folder: string): number =>
  withDatabase(folder, (db) => Number(db.prepare("SELECT count(*) FROM commands WHERE command_id <> ''").pluck().get()));

const restock = { input: { sku: 'lantern', quantity: 5 }, options: { commandId: 'restock' } };

test('a server forgets old receipts where it is told to, and the log is sound without them, a copy of it too', async () => {
  using folder = temporaryFolder();
  const [data, copy, file] = ['data', 'copy', 'shop.ndjson'].map((name) => join(folder.path, name)) as [string, string, string];
  await writeLittleHistory(data);
  const first = await startServerProcess(data);
  expect(await shopClient(first.url).data(RestockProductDocument, restock)).toMatchObject({ restockProduct: { replayed: false } });
  expect(await first.end('SIGTERM')).toBe(0);
  aged(data, 40);

  // For ever, unless it is said.
  const second = await startServerProcess(data);
  expect(await shopClient(second.url).data(RestockProductDocument, restock)).toMatchObject({ restockProduct: { replayed: true } });
  await second.end('SIGTERM');
  expect(receiptsIn(data)).toBe(4);

  const third = await startServerProcess(data, { VARVE_RECEIPTS_DAYS: '30' });
  const api = shopClient(third.url);
  while (receiptsIn(data) > 0) await pause(10);
  expect(await api.data(RestockProductDocument, restock)).toMatchObject({ restockProduct: { replayed: false, position: '5' } });
  expect(await api.data(RestockProductDocument, restock)).toMatchObject({ restockProduct: { replayed: true, position: '5' } });
  expect(await api.stockOf('lantern')).toBe(28);
  expect(await third.end('SIGTERM')).toBe(0);

  expect(receiptsIn(data)).toBe(1);
  expect((await verify(shop, data, { staleToo: true })).counts).not.toHaveProperty('RECEIPT_MISSING');
  expect(await runVarve('verify', '--data', data)).toMatchObject({ code: 0 });
  expect(await runVarve('export', file, '--data', data)).toMatchObject({ code: 0 });
  expect(await runVarve('import', file, '--data', copy)).toMatchObject({ code: 0 });
  expect(await runVarve('verify', '--data', copy)).toMatchObject({ code: 0 });
  // What was not to be forgotten is missed as ever.
  withDatabase(data, (db) => db.exec("DELETE FROM commands WHERE command_id = 'restock'"));
  expect((await verify(shop, data)).counts).toMatchObject({ RECEIPT_MISSING: 1 });
});
