/**
 * The dispatcher alone, in a process of its own: 64 commands in flight, each one event and one row. `new`: each adds a product, so nothing
 * is in memory and six indexes grow; `hot`: each changes the price of one of 1,000 products.
 */
import { open } from '#shell';
import { addProduct, changePrice, shop } from '#shop';

/** Commands a second; and how many were sent in all, with ids from `bench-1`. */
export interface Sent {
  readonly perSecond: number;
  readonly sent: number;
}

const [kind = 'new', seconds = '5', where = '', log] = process.argv.slice(2);
const engine = await open(shop, where, { log });
const hot = 1_000;

const send = (n: number) => {
  const options = { commandId: `bench-${n}` };
  if (kind === 'hot' && n > hot) return engine.send(changePrice, { sku: `b-${n % hot}`, price: `${2 + (n % 97)}.00` }, options);
  return engine.send(addProduct, { sku: `b-${n}`, name: 'Bench', price: '1.00', stock: 1 }, options);
};
if (kind === 'hot') await Promise.all(Array.from({ length: hot + 1 }, (_, n) => send(n)));

let sent = kind === 'hot' ? hot : 0;

/** 64 at a time, for so long. Commands a second. */
async function run(milliseconds: number): Promise<number> {
  const started = performance.now();
  const first = sent;
  const one = async () => {
    while (performance.now() < started + milliseconds) {
      sent += 1;
      const outcome = await send(sent);
      if (!outcome.accepted) throw new Error(outcome.refusal.message);
    }
  };
  await Promise.all(Array.from({ length: 64 }, one));
  return ((sent - first) / (performance.now() - started)) * 1000;
}

// Code is warm before it is measured.
await run(1_000);
const perSecond = await run(Number(seconds) * 1000);
await engine.close();
console.log(JSON.stringify({ perSecond, sent } satisfies Sent));
