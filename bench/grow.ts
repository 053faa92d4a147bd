/**
 * Fills a data folder with a shop's life through the dispatcher, in a process of its own. Its arguments: the folder, how many events, and, in
 * JSON, where to leave copies on the way. It answers {@link Grown}.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { open } from '#shell';
import { shop } from '#shop';
import { sendOfMonth } from './month.ts';

/** A copy of the log as it was at so many events. */
export interface Kept {
  readonly at: number;
  readonly folder: string;
}

/** What filling it came to. */
export interface Grown {
  readonly perSecond: number;
  /** Memory of this process, which holds the dispatcher: as it stands, and its heap after a collection. */
  readonly memory: readonly { readonly commands: number; readonly residentMiB: number; readonly heapMiB: number }[];
}

const [folder = '', to = '1000', copies = '[]'] = process.argv.slice(2);
const kept = JSON.parse(copies) as readonly Kept[];
/** Enough that batches are as full as may be, and never more than may wait. */
const inFlight = 512;
const samples = 10;

const engine = await open(shop, folder);
let sent = 0;

async function growTo(count: number): Promise<void> {
  const one = async () => {
    while (sent < count) {
      sent += 1;
      const outcome = await sendOfMonth(engine, sent);
      if (!outcome.accepted) throw new Error(outcome.refusal.message);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
}

function sample() {
  // As it stands first: nobody collects for a server.
  const residentMiB = Math.round(process.memoryUsage.rss() / 2 ** 20);
  globalThis.gc?.();
  return { commands: sent, residentMiB, heapMiB: Math.round(process.memoryUsage().heapUsed / 2 ** 20) };
}

const memory: Grown['memory'][number][] = [];
const all = Number(to);
const stops = new Set([...Array.from({ length: samples }, (_, at) => Math.round((all * (at + 1)) / samples)), ...kept.map(({ at }) => at)]);
let tookMs = 0;
for (const stop of [...stops].toSorted((a, b) => a - b)) {
  const started = performance.now();
  await growTo(stop);
  tookMs += performance.now() - started;
  for (const copy of kept.filter(({ at }) => at === stop)) {
    mkdirSync(copy.folder, { recursive: true });
    await new Database(join(folder, 'varve.db'), { readonly: true }).backup(join(copy.folder, 'varve.db'));
  }
  memory.push(sample());
}
await engine.close();
console.log(JSON.stringify({ perSecond: (all / tookMs) * 1000, memory } satisfies Grown));
