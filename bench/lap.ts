/**
 * What a command costs on a log as it stands, in a process of its own: adding products, 64 in flight, with ids that come in order and with
 * scattered ones; and price changes on one stream. Its arguments: the folder, a prefix for ids, and, for the stream, how many events it is to
 * have. It answers {@link Lap}.
 */
import { open } from '#shell';
import { addProduct, changePrice, shop } from '#shop';
import { inFolder } from './folders.ts';
import { scattered } from './ids.ts';

/** Microseconds a command, by the clock. */
export interface Lap {
  readonly inOrder: number;
  readonly scattered: number;
  /** On one stream: every command, and the first after a start. */
  readonly oneStream: number;
  readonly firstMs: number;
  /** Commands whose ids are the prefix, `o` or `s`, and a number. */
  readonly commands: number;
}

type Engine = Awaited<ReturnType<typeof open>>;

const [folder = '', prefix = 'lap-', streamEvents = '10'] = process.argv.slice(2);
/** Few, so that the smallest log stays small; the first lap is not counted. */
const lapCommands = 2_000;
const warmCommands = 10_000;
const streamLapCommands = 500;

/** Sends commands, 64 in flight; microseconds for each. */
async function lap(count: number, send: (n: number) => ReturnType<Engine['send']>, first = 1): Promise<number> {
  const started = performance.now();
  let sent = first - 1;
  const one = async () => {
    while (sent < first - 1 + count) {
      sent += 1;
      const outcome = await send(sent);
      if (!outcome.accepted) throw new Error(outcome.refusal.message);
    }
  };
  await Promise.all(Array.from({ length: 64 }, one));
  return ((performance.now() - started) / count) * 1000;
}

const adding = (engine: Engine, name: string, idOf: (n: number) => string | number) => (n: number) =>
  engine.send(
    addProduct,
    { sku: `${prefix}${name}${idOf(n)}`, name: 'Bench', price: '1.00', stock: 1 },
    { commandId: `${prefix}${name}${idOf(n)}` },
  );

const pricing = (engine: Engine, sku: string) => (n: number) =>
  engine.send(changePrice, { sku, price: `${1 + (n % 97)}.00` }, { commandId: `${prefix}${sku}-${n}` });

async function measured(engine: Engine, name: string, idOf: (n: number) => string | number): Promise<number> {
  await lap(lapCommands, adding(engine, name, idOf));
  return lap(lapCommands, adding(engine, name, idOf), lapCommands + 1);
}

/** A stream is brought to so many events; then the log is opened anew, and the stream goes on. */
async function streamLap(engine: Engine): Promise<Pick<Lap, 'oneStream' | 'firstMs'>> {
  const sku = `${prefix}stream`;
  const events = Number(streamEvents);
  await engine.send(addProduct, { sku, name: 'Bench', price: '1.00', stock: 1 });
  await lap(events - 1, pricing(engine, sku));
  await engine.close();
  const again = await open(shop, folder);
  const started = performance.now();
  await pricing(again, sku)(events);
  const firstMs = performance.now() - started;
  const oneStream = await lap(streamLapCommands, pricing(again, sku), events + 1);
  await again.close();
  return { oneStream, firstMs };
}

// Code is warm before it is measured, on a log that counts for nothing.
await inFolder(async (warm) => {
  const engine = await open(shop, warm);
  await lap(warmCommands, adding(engine, 'w', scattered));
  await engine.close();
});
const engine = await open(shop, folder);
const inOrder = await measured(engine, 'o', (n) => n);
const atRandom = await measured(engine, 's', scattered);
const stream = await streamLap(engine);
console.log(JSON.stringify({ inOrder, scattered: atRandom, ...stream, commands: 2 * lapCommands } satisfies Lap));
