/**
 * A program that writes to a shop's log as hard as it can, and says of each command what became of it, a line each: what {@link Told} reads. It waits
 * for a line of JSON on standard input, {@link Life}, and lives it; then for the next. After the last it ends.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { addProduct, placeOrder, registerUser, restockProduct, shop } from '#shop';
import { type Engine, open } from '#varve';
import type { Life } from './lives.ts';

type Intent = readonly [command: Parameters<Engine['send']>[0], input: unknown];

const beginning: Readonly<Record<string, Intent>> = {
  user: [registerUser, { userId: 'ada', username: 'Ada' }],
  lantern: [addProduct, { sku: 'lantern', name: 'Lantern', price: '3.39', stock: 1_000_000_000 }],
};

/** A command by its id, so that it can be sent again: small and large ones, some that are refused. */
function intentOf(id: string): Intent {
  const [, lane = 0, count = 0] = id.split('.').map(Number);
  const n = lane + count;
  if (n % 9 === 4) return [addProduct, { sku: id, name: `Product ${id}`, price: '2.55', stock: n }];
  if (n % 9 === 7) return [restockProduct, { sku: 'lantern', quantity: 1 + (n % 50) }];
  const line = { sku: n % 9 === 8 ? 'nowhere' : 'lantern', quantity: 1 };
  const lines = Array.from({ length: 1 + ((n * 7) % 40) }, () => line);
  return [placeOrder, { orderId: id, userId: 'ada', lines, placedAt: '2010-12-01T08:26:00Z' }];
}

/** Sends a command and says what became of it; false where nobody knows. */
async function send(engine: Engine, id: string): Promise<boolean> {
  const [command, input] = beginning[id] ?? intentOf(id);
  try {
    const outcome = await engine.send(command, input, { commandId: id });
    writeSync(1, outcome.accepted ? `+ ${id} ${outcome.position}\n` : `- ${id} ${outcome.refusal.code}\n`);
    return true;
  } catch (fault) {
    writeSync(1, `? ${id} ${fault instanceof Error && 'code' in fault ? String(fault.code) : String(fault)}\n`);
    return false;
  }
}

async function live({ folder, name, lanes, commands = Number.POSITIVE_INFINITY, again = [] }: Life): Promise<void> {
  const engine = await open(shop, folder);
  for (const id of Object.keys(beginning)) await send(engine, id);
  await Promise.all(again.map((id) => send(engine, id)));
  const lane = async (place: number): Promise<void> => {
    for (let n = 1; n <= commands; n += 1) if (!(await send(engine, `${name}.${place}.${n}`))) return;
  };
  await Promise.all(Array.from({ length: lanes }, (_, place) => lane(place)));
  await engine.close();
}

// What opening a log and sending a first command load is loaded before it is said that this program is ready.
await open(shop, 'nowhere\0').catch(() => undefined);
writeSync(1, 'ready\n');
try {
  for await (const line of createInterface({ input: process.stdin })) await live(JSON.parse(line) as Life);
} catch (fault) {
  writeSync(1, `! ${String(fault)}\n`);
  process.exit(1);
}
