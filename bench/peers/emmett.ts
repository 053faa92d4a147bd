/**
 * A peer: Emmett's event store on SQLite, in a process of its own. A command appends one event to a stream of its own, with no receipt, tag or
 * row: first one after the other, then 16 at once. Prints commands a second of both, and how many of the latter failed.
 */
import { getSQLiteEventStore } from '@event-driven-io/emmett-sqlite';

const [fileName, seconds = '5'] = process.argv.slice(2);
const store = getSQLiteEventStore({ fileName, schema: { autoMigration: 'CreateOrUpdate' } });
const data = { sku: 'b', name: 'Bench', price: '1.00', stock: 1 };
const failures = new Map<string, number>();
let sent = 0;

async function send(): Promise<boolean> {
  sent += 1;
  try {
    await store.appendToStream(`product-b-${sent}`, [{ type: 'ProductAdded', data }]);
    return true;
  } catch (fault) {
    const name = /SQLITE_\w+/.exec(String(fault))?.[0] ?? String(fault).slice(0, 60);
    failures.set(name, (failures.get(name) ?? 0) + 1);
    return false;
  }
}

async function measure(atOnce: number): Promise<{ readonly perSecond: number; readonly failed: string }> {
  const started = performance.now();
  const until = started + Number(seconds) * 1000;
  let done = 0;
  const run = async () => {
    while (performance.now() < until) if (await send()) done += 1;
  };
  failures.clear();
  await Promise.all(Array.from({ length: atOnce }, run));
  const perSecond = (done / (performance.now() - started)) * 1000;
  return { perSecond, failed: [...failures].map(([name, count]) => `${count} × ${name}`).join(', ') };
}

await send();
const inSequence = await measure(1);
const at16 = await measure(16);
console.log(JSON.stringify({ inSequence, at16 }));
