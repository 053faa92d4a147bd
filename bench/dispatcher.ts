/** The dispatcher alone, in a process of its own: 64 commands in flight, each one event and one row. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '#shell';
import { addProduct, shop } from '#shop';

const [seconds = '5', commandsMax = '0'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'varve-bench-'));
const engine = await open(shop, folder);
const until = performance.now() + Number(seconds) * 1000;
const started = performance.now();
const memory: { commands: number; rssMiB: number; heapMiB: number }[] = [];
let sent = 0;

const goesOn = () => (Number(commandsMax) > 0 ? sent < Number(commandsMax) : performance.now() < until);
const sample = () => {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  memory.push({ commands: sent, rssMiB: Math.round(rss / 2 ** 20), heapMiB: Math.round(heapUsed / 2 ** 20) });
};

async function inFlight(): Promise<void> {
  while (goesOn()) {
    sent += 1;
    if (Number(commandsMax) > 0 && sent % 50_000 === 0) sample();
    const outcome = await engine.send(
      addProduct,
      { sku: `b-${sent}`, name: 'Bench', price: '1.00', stock: 1 },
      { commandId: `bench-${sent}` },
    );
    if (!outcome.accepted) throw new Error(outcome.refusal.message);
  }
}

await Promise.all(Array.from({ length: 64 }, inFlight));
const perSecond = sent / ((performance.now() - started) / 1000);
await engine.close();
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ perSecond, memory }));
