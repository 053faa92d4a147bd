/**
 * What a price change costs on a short stream and on a long one, in turns, in a process of its own: 64 in flight, all on that stream; and the first
 * one after a start, which folds the stream. Its arguments: how many events the two have, and how many turns. It answers {@link Streams}.
 */
import { open } from '#shell';
import { addProduct, changePrice, shop } from '#shop';
import { median } from './figures.ts';
import { inFolder } from './folders.ts';

/** Of one stream: microseconds a command, and milliseconds of the first after a start. */
export interface Streamed {
  readonly micros: number;
  readonly firstMs: number;
}

type Engine = Awaited<ReturnType<typeof open>>;

const lapCommands = 500;

/** Changes a product's price so often that its stream has these versions. */
async function change(engine: Engine, sku: string, first: number, last: number): Promise<void> {
  let version = first - 1;
  const one = async () => {
    while (version < last) {
      version += 1;
      const outcome = await engine.send(changePrice, { sku, price: `${1 + (version % 97)}.00` });
      if (!outcome.accepted) throw new Error(outcome.refusal.message);
    }
  };
  await Promise.all(Array.from({ length: 64 }, one));
}

/** A product whose stream has so many events. */
async function streamOf(engine: Engine, sku: string, events: number): Promise<void> {
  await engine.send(addProduct, { sku, name: 'Bench', price: '1.00', stock: 1 });
  await change(engine, sku, 2, events);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function measure(folder: string, few: number, many: number, turns: number): Promise<readonly Streamed[]> {
  let engine = await open(shop, folder);
  await streamOf(engine, 'long', many);
  await streamOf(engine, 'short', few);
  const micros: { readonly short: number[]; readonly long: number[] } = { short: [], long: [] };
  for (let turn = 0; turn < turns; turn++) {
    // A short stream would not stay short: each turn has its own.
    const sku = `short-${turn}`;
    await streamOf(engine, sku, few);
    micros.short.push((await timed(() => change(engine, sku, few + 1, few + lapCommands))) / lapCommands);
    const at = many + turn * lapCommands;
    micros.long.push((await timed(() => change(engine, 'long', at + 1, at + lapCommands))) / lapCommands);
  }
  await engine.close();
  engine = await open(shop, folder);
  const end = many + turns * lapCommands;
  const firstOfLong = await timed(() => change(engine, 'long', end + 1, end + 1));
  const firstOfShort = await timed(() => change(engine, 'short', few + 1, few + 1));
  await engine.close();
  return [
    { micros: median(micros.short) * 1000, firstMs: firstOfShort },
    { micros: median(micros.long) * 1000, firstMs: firstOfLong },
  ];
}

const [few = '10', many = '1000', turns = '1'] = process.argv.slice(2);
console.log(JSON.stringify(await inFolder((folder) => measure(folder, Number(few), Number(many), Number(turns)))));
