/** How fast a stream of the log catches up over a million events, before GraphQL and the socket; and in how much memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codecOf } from '#command';
import { openSqliteStore } from '#eventstore';
import { Backlog, liveEvents, Reader, Tail } from '#livestream';
import { open } from '#shell';
import { product, shop } from '#shop';

const count = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'varve-bench-'));
const codec = codecOf(shop);
const log = openSqliteStore(join(folder, 'varve.db'));
const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
for (let at = 0; at < count; at += 10_000) {
  const events = Array.from({ length: 10_000 }, (_, i) => {
    const sku = `b-${at + i}`;
    const fact = product.ProductAdded({ sku, name: 'Bench', price: 10_000, stock: 1 } as Parameters<typeof product.ProductAdded>[0]);
    return { ...codec.encode(fact), eventId: `event-${at + i}`, stream: `product-${sku}`, metadata, recordedAt: new Date(at) };
  });
  await log.append(events);
}
await log.close();
const engine = await open(shop, folder);
globalThis.gc?.();
const before = process.memoryUsage().rss;
let events = 0;
let most = 0;
const { feed, start } = liveEvents(engine, {}, { position: 0 });
const tail = new Tail(feed, { render: ({ message }) => message, bytesOf: () => 0 }, new Backlog());
const started = performance.now();
await new Promise<void>((resolve, reject) => {
  let measured = 0;
  const write = (messages: readonly unknown[]) => {
    events += messages.length;
    if (events - measured >= 50_000) [measured, most] = [events, Math.max(most, process.memoryUsage().rss)];
    if (events >= count) resolve();
    return true;
  };
  new Reader(tail, { write, fail: reject }, start).begin();
});
const seconds = (performance.now() - started) / 1000;
await engine.close();
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ perSecond: Math.round(events / seconds), moreMiB: Math.round((most - before) / 2 ** 20) }));
