/**
 * `npm run bench -- growth`: what a large log costs. A shop's life is sent through the dispatcher until the log has EVENTS events; copies are left
 * on the way. Then: disk, start, a command on logs and streams of several sizes; at last a rebuild, which also checks what was promised.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { bounds } from './bounds.ts';
import { checked } from './checked.ts';
import { type Bench, median, print, shown } from './figures.ts';
import { inFolder } from './folders.ts';
import type { Grown } from './grow.ts';
import type { Acknowledged } from './ids.ts';
import { type Laps, lapPrefix, type Track } from './lap.ts';
import { monthPrefix } from './month.ts';
import { ask, type ServerProcess, startProcess, startVarve } from './processes.ts';
import type { Streamed } from './stream.ts';

/** A log of a size, in its folder. */
interface Sized {
  readonly events: number;
  readonly folder: string;
}

const smallest = 1_000;

/** Logs of 1,000 events, of a tenth, and of all. */
async function grow(folder: string): Promise<{ readonly logs: readonly Sized[]; readonly grown: Grown }> {
  const sizes = [...new Set([Math.min(smallest, bounds.events), Math.ceil(bounds.events / 10), bounds.events])].toSorted((a, b) => a - b);
  const logs = sizes.map((events) => ({ events, folder: join(folder, `log-${events}`) }));
  const largest = logs.at(-1)?.folder ?? '';
  const copies = logs.slice(0, -1).map(({ events, folder }) => ({ at: events, folder }));
  const grown = await ask<Grown>('grow.ts', largest, String(bounds.events), JSON.stringify(copies));
  console.log(`\nA shop's life of ${shown(bounds.events)} events came in at ${shown(grown.perSecond)} commands/s.`);
  print("Memory of the dispatcher's process", [...grown.memory]);
  return { logs, grown };
}

/** Bytes an event, by table and index. */
function disk({ folder, events }: Sized): number {
  const file = join(folder, 'varve.db');
  const db = new Database(file, { readonly: true });
  const parts = db
    .prepare<[], { name: string; bytes: number }>('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC')
    .all();
  db.close();
  const all = statSync(file).size / events;
  const rows = parts
    .filter(({ bytes }) => bytes / events >= 1)
    .map(({ name, bytes }) => ({ part: name, 'bytes an event': bytes / events }));
  print(`Disk a shop event, of ${shown(events)}`, [{ part: 'everything', 'bytes an event': all }, ...rows]);
  return all;
}

/** Seconds from being started to an answer. */
async function timeToAnswer(begin: () => Promise<ServerProcess>, path: string): Promise<number> {
  const started = performance.now();
  const server = await begin();
  const { status } = await fetch(`http://127.0.0.1:${server.port}${path}`);
  const seconds = (performance.now() - started) / 1000;
  await server.stop();
  if (status !== 200) throw new Error(`${path} answered ${status}`);
  return seconds;
}

async function start(logs: readonly Sized[]): Promise<number> {
  const echo: number[] = [];
  const starts = logs.filter((_, at) => at === 0 || at === logs.length - 1).map((log) => ({ ...log, seconds: [] as number[] }));
  for (let round = 0; round < bounds.rounds; round++) {
    echo.push(await timeToAnswer(() => startProcess('echo.ts'), '/'));
    for (const { folder, seconds } of starts) seconds.push(await timeToAnswer(() => startVarve(folder), '/health'));
  }
  print('From start to the first answer, seconds', [
    { what: 'bare node:http', seconds: median(echo) },
    ...starts.map(({ events, seconds }) => ({ what: `/health with ${shown(events)} events`, seconds: median(seconds) })),
  ]);
  return median(starts.at(-1)?.seconds ?? []);
}

/** A command's cost on each log, in turns; answers the largest ÷ the smallest, and what was acknowledged in the largest. */
async function laps(logs: readonly Sized[]) {
  const turns = 2 * bounds.rounds;
  const tracks: readonly Track[] = logs.map(({ folder, events }) => ({ folder, isCopied: events <= smallest }));
  const measured = await ask<readonly Laps[]>('lap.ts', JSON.stringify(tracks), String(turns));
  const rows = measured.map(({ inOrder, scattered }, at) => ({
    'events in the log': logs[at]?.events ?? 0,
    'ids in order': median(inOrder),
    'ids scattered': median(scattered),
  }));
  print('Adding a product, 64 in flight, checkpoint included, by the size of the log; microseconds a command', rows);
  const [first, last] = [rows[0], rows.at(-1)];
  const ratioOf = (name: 'ids in order' | 'ids scattered') => (last?.[name] ?? Number.NaN) / (first?.[name] ?? Number.NaN);
  const acknowledged: Acknowledged[] = Array.from({ length: turns }, (_, at) => at + 1).flatMap((turn) =>
    (['inOrder', 'scattered'] as const).map((kind) => ({
      prefix: lapPrefix(kind, turn),
      count: measured[0]?.commands ?? 0,
      isScattered: kind === 'scattered',
    })),
  );
  return { ratio: Math.max(ratioOf('ids in order'), ratioOf('ids scattered')), acknowledged };
}

async function streams(): Promise<void> {
  const sizes = [10, Math.min(100_000, bounds.events)];
  const measured = await ask<readonly Streamed[]>('stream.ts', ...sizes.map(String), String(3 * bounds.rounds));
  print(
    'Changing one price over and over, 64 in flight, by the size of its stream',
    measured.map(({ micros, firstMs }, at) => ({
      'events in the stream': sizes[at] ?? 0,
      'microseconds a command': micros,
      'first command after a start, ms': firstMs,
    })),
  );
}

async function rebuild({ folder }: Sized, acknowledged: readonly Acknowledged[]): Promise<number> {
  const { events, acknowledged: count, rows, scans, rebuilds } = await checked(folder, acknowledged, bounds.rounds);
  const [scan, rebuilt] = [median(scans), median(rebuilds)];
  print('Rebuild of every read table; events/s', [
    { what: 'bare scan of the log with JSON.parse', 'events/s': scan, ratio: '' },
    { what: 'rebuild', 'events/s': rebuilt, ratio: rebuilt / scan },
  ]);
  console.log(
    `\nChecked: ${count} acknowledged commands are there once, ${events} events without a gap, ${rows} rows as a rebuild makes them.`,
  );
  return rebuilt / scan;
}

/** Everything that a large log is asked for. */
export const bench: Bench = () =>
  inFolder(async (folder) => {
    const { logs, grown } = await grow(folder);
    const largest = logs.at(-1);
    if (!largest) throw new Error('there is no log');
    const diskBytes = disk(largest);
    const startSeconds = await start(logs);
    const { ratio, acknowledged } = await laps(logs);
    await streams();
    const rebuilt = await rebuild(largest, [{ prefix: monthPrefix, count: bounds.events, isScattered: true }, ...acknowledged]);
    return {
      disk: diskBytes,
      start: startSeconds,
      growth: ratio,
      rebuild: rebuilt,
      memory: Math.max(...grown.memory.map(({ residentMiB }) => residentMiB)),
    };
  });
