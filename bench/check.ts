/**
 * The last step of a bench: what was promised holds in the file that it left. Positions and versions are without gaps (P2), every acknowledged
 * command is there once, with one receipt (P1, P5), and the read tables equal a rebuild, byte for byte (P3). Every command of these benches
 * leaves one event.
 *
 * A process of its own: its arguments are the data folder, whose server has ended, a file of {@link Acknowledged} in JSON, and how often to rebuild. It
 * answers {@link Checked}: how fast it rebuilt is a figure itself.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { open } from '#shell';
import { shop } from '#shop';
import { type Acknowledged, idsOf } from './ids.ts';

export interface Checked {
  readonly events: number;
  readonly acknowledged: number;
  readonly rows: number;
  /** Events a second, in turns: a scan of the log that parses each event's data, and a rebuild of every read table. */
  readonly scans: readonly number[];
  readonly rebuilds: readonly number[];
}

const [folder = '', known = '', times = '1'] = process.argv.slice(2);
const file = join(folder, 'varve.db');

function holds(isTrue: boolean, words: string): void {
  if (!isTrue) throw new Error(`A promise is broken: ${words}`);
}

/** Every read table's rows as they lie in the file, in the order of their keys. */
function readTables(db: Database.Database): { readonly rows: number; readonly hash: string } {
  const hash = createHash('sha256');
  let rows = 0;
  const names = db.prepare<[], string>('SELECT name FROM read_tables ORDER BY name').pluck().all();
  for (const name of names)
    for (const row of db.prepare(`SELECT * FROM "${name}" ORDER BY 1`).raw().iterate()) {
      rows += 1;
      hash.update(JSON.stringify([name, row]));
    }
  return { rows, hash: hash.digest('hex') };
}

function checkLog(db: Database.Database): number {
  const [events = 0, last = 0] = db.prepare<[], number[]>('SELECT count(*), coalesce(max(position), 0) FROM events').raw().get() ?? [];
  holds(events === last, `there are ${events} events up to position ${last}`);
  const gaps = db.prepare('SELECT stream FROM events GROUP BY stream HAVING count(*) <> max(version) OR min(version) <> 1 LIMIT 1').get();
  holds(gaps === undefined, `versions have a gap in ${JSON.stringify(gaps)}`);
  return events;
}

/** Each acknowledged command has one event, and one receipt that says where it is. */
function checkCommands(db: Database.Database, acknowledged: readonly Acknowledged[]): number {
  const positions = new Map<string, number>();
  for (const [position, metadata] of db.prepare<[], [number, string]>('SELECT position, metadata FROM events').raw().iterate()) {
    const { commandId } = JSON.parse(metadata) as { commandId: string };
    holds(!positions.has(commandId), `${commandId} took effect twice`);
    positions.set(commandId, position);
  }
  const receipt = db.prepare<[string], number>('SELECT position FROM commands WHERE command_id = ?').pluck();
  let count = 0;
  for (const id of acknowledged.flatMap((one) => [...idsOf(one)])) {
    count += 1;
    const position = positions.get(id);
    holds(position !== undefined, `${id} was acknowledged and is not there`);
    holds(receipt.get(id) === position, `${id} has no receipt of its event at ${position}`);
  }
  return count;
}

function scan(db: Database.Database): number {
  const started = performance.now();
  let events = 0;
  for (const { data } of db.prepare<[], { data: string }>('SELECT * FROM events ORDER BY position').iterate()) {
    JSON.parse(data);
    events += 1;
  }
  return (events / (performance.now() - started)) * 1000;
}

/** Rebuilds as a changed definition makes it: every table's hash is another. */
async function rebuild(events: number): Promise<number> {
  const db = new Database(file);
  db.exec("UPDATE read_tables SET hash = ''");
  db.close();
  const started = performance.now();
  const engine = await open(shop, folder);
  const perSecond = (events / (performance.now() - started)) * 1000;
  await engine.close();
  return perSecond;
}

function withLog<T>(read: (db: Database.Database) => T): T {
  const db = new Database(file);
  try {
    return read(db);
  } finally {
    db.close();
  }
}

// What a crash left in the write-ahead log is taken in as at any start.
await (await open(shop, folder)).close();
const events = withLog(checkLog);
const acknowledged = withLog((db) => checkCommands(db, JSON.parse(readFileSync(known, 'utf8')) as Acknowledged[]));
const before = withLog(readTables);
const [scans, rebuilds]: [number[], number[]] = [[], []];
for (let round = 0; round < Number(times); round++) {
  scans.push(withLog(scan));
  rebuilds.push(await rebuild(events));
  const after = withLog(readTables);
  holds(after.hash === before.hash, 'the read tables are not what a rebuild makes');
}
console.log(JSON.stringify({ events, acknowledged, rows: before.rows, scans, rebuilds } satisfies Checked));
