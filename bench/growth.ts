/**
 * `npm run bench growth`: what a large log costs. A shop's life is sent through the dispatcher until the log has EVENTS events; copies are left
 * on the way. Then: disk, start, a command on logs and streams of several sizes; at last a rebuild, which also checks what was promised.
 */
import { cpSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { bounds } from './bounds.ts';
import type { Checked } from './check.ts';
import { type Bench, median, medians, print, shown } from './figures.ts';
import { inFolder } from './folders.ts';
import type { Grown } from './grow.ts';
import type { Acknowledged } from './ids.ts';
import type { Lap } from './lap.ts';
import { monthPrefix } from './month.ts';
import { ask, type ServerProcess, startProcess, startVarve } from './processes.ts';

/** A log of a size, in its folder. */
interface Sized {
  readonly events: number;
  readonly folder: string;
}

const smallest = 1_000;
const streamEvents = { few: 10, many: Math.min(100_000, bounds.events) };

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
  const starts = logs.map((log) => ({ ...log, seconds: [] as number[] }));
  for (let round = 0; round < Math.max(3, bounds.rounds); round++) {
    echo.push(await timeToAnswer(() => startProcess('echo.ts'), '/'));
    for (const { folder, seconds } of starts) seconds.push(await timeToAnswer(() => startVarve(folder), '/health'));
  }
  print('From start to the first answer, seconds', [
    { what: 'bare node:http', seconds: median(echo) },
    ...starts.map(({ events, seconds }) => ({ what: `/health with ${shown(events)} events`, seconds: median(seconds) })),
  ]);
  return median(starts.at(-1)?.seconds ?? []);
}

/** One lap; on a copy, where the log is small, for else it would grow by much. */
async function lap({ events, folder }: Sized, prefix: string, stream: number): Promise<Lap> {
  const isSmall = events <= smallest;
  const where = isSmall ? `${folder}-copy` : folder;
  if (isSmall) cpSync(folder, where, { recursive: true });
  const done = await ask<Lap>('lap.ts', where, prefix, String(stream));
  if (isSmall) rmSync(where, { recursive: true });
  return done;
}

const lapRow = (laps: readonly Lap[]) =>
  medians(laps.map(({ inOrder, scattered, oneStream, firstMs }) => ({ inOrder, scattered, oneStream, firstMs })));

/** A command's cost on each log in turns; answers the largest ÷ the smallest, and what was acknowledged in the largest. */
async function laps(logs: readonly Sized[]) {
  const [small] = logs;
  const acknowledged: Acknowledged[] = [];
  const measured = logs.map(() => [] as Lap[]);
  const long: Lap[] = [];
  for (let round = 1; round <= bounds.rounds; round++) {
    for (const [at, log] of logs.entries()) {
      const prefix = `lap-${round}-`;
      const done = await lap(log, prefix, streamEvents.few);
      measured[at]?.push(done);
      if (at === logs.length - 1)
        for (const [kind, isScattered] of [
          ['o', false],
          ['s', true],
        ] as const)
          acknowledged.push({ prefix: `${prefix}${kind}`, count: done.commands, isScattered });
    }
    if (small) long.push(await lap(small, `long-${round}-`, streamEvents.many));
  }
  const rows = measured.map((laps, at) => ({ events: logs[at]?.events ?? 0, ...lapRow(laps) }));
  const [first, last] = [rows[0], rows.at(-1)];
  print('Adding a product, 64 in flight, by the size of the log; microseconds a command', [
    ...rows.map(({ events, inOrder, scattered }) => ({
      'events in the log': shown(events),
      'ids in order': inOrder,
      'ids scattered': scattered,
    })),
  ]);
  const streams = [lapRow(measured[0] ?? []), lapRow(long)];
  print('Changing one price over and over, by the size of its stream', [
    ...streams.map(({ oneStream, firstMs }, at) => ({
      'events in the stream': shown(at === 0 ? streamEvents.few : streamEvents.many),
      'microseconds a command': oneStream,
      'first command after a start, ms': firstMs,
    })),
  ]);
  const ratio = last && first ? Math.max(last.inOrder / first.inOrder, last.scattered / first.scattered) : Number.NaN;
  return { ratio, acknowledged };
}

async function rebuild({ folder }: Sized, acknowledged: readonly Acknowledged[]): Promise<number> {
  const checked = await ask<Checked>('check.ts', folder, JSON.stringify(acknowledged), String(bounds.rounds));
  const [scan, rebuilt] = [median(checked.scans), median(checked.rebuilds)];
  print('Rebuild of every read table; events/s', [
    { what: 'bare scan of the log with JSON.parse', 'events/s': scan, ratio: '' },
    { what: 'rebuild', 'events/s': rebuilt, ratio: rebuilt / scan },
  ]);
  console.log(
    `\nChecked: ${checked.acknowledged} acknowledged commands are there once, ${checked.events} events without a gap, ${checked.rows} rows as a rebuild makes them.`,
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
    const rebuilt = await rebuild(largest, [{ prefix: monthPrefix, count: bounds.events, isScattered: true }, ...acknowledged]);
    return {
      disk: diskBytes,
      start: startSeconds,
      growth: ratio,
      rebuild: rebuilt,
      memory: Math.max(...grown.memory.map(({ residentMiB }) => residentMiB)),
    };
  });
