import { join } from 'node:path';
import Database from 'better-sqlite3';
import { limits } from '#base';
import { open } from '#shell';
import { addProduct, changePrice, shop } from '#shop';

type Cell = string | number | null;

/** A row that a command left, by its table and columns. */
interface Left {
  readonly table: string;
  readonly columns: readonly string[];
  readonly cells: readonly Cell[];
}

/** `new`: each command adds a product; `hot`: each changes the price of one of 1,000. */
export type Kind = 'new' | 'hot';

/** Commands a second, and the tables of the rows that each leaves. */
export interface Bare {
  readonly perSecond: number;
  readonly rows: readonly string[];
}

const hot = 1_000;
const [skuSample, commandSample] = ['sku-sample', 'command-sample'];
const batch = 64;

function rowsOf(db: Database.Database): ReadonlyMap<string, Left> {
  const tables = db
    .prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '__*'")
    .pluck()
    .all();
  return new Map(
    tables
      .filter((table) => table !== 'read_tables')
      .flatMap((table) => {
        const statement = db.prepare<[], Cell[]>(`SELECT * FROM "${table}"`).raw();
        const columns = statement.columns().map(({ name }) => name);
        return statement.all().map((cells): [string, Left] => [JSON.stringify([table, cells]), { table, columns, cells }]);
      }),
  );
}

/** Sends one command to Varve, and looks what it left in the file: so the baseline writes the same rows, whatever they become. */
async function rowsOfOneCommand(kind: Kind, folder: string): Promise<readonly Left[]> {
  const engine = await open(shop, folder);
  try {
    const added = { name: 'Bench', price: '1.00', stock: 1 };
    const options = { commandId: commandSample };
    const known = kind === 'hot' ? [skuSample, ...Array.from({ length: hot }, (_, n) => `b-${n}`)] : [];
    await Promise.all(known.map((sku) => engine.send(addProduct, { sku, ...added })));
    const db = new Database(join(folder, 'varve.db'), { readonly: true });
    const before = rowsOf(db);
    const { accepted } =
      kind === 'hot'
        ? await engine.send(changePrice, { sku: skuSample, price: '2.00' }, options)
        : await engine.send(addProduct, { sku: skuSample, ...added }, options);
    if (!accepted) throw new Error('The sample was refused.');
    return [...rowsOf(db)].filter(([text]) => !before.has(text)).map(([, left]) => left);
  } finally {
    await engine.close();
  }
}

/** What a cell is in the command of a number: another position and version, and another id wherever the sample's stands in it. */
function cellOf(kind: Kind, column: string, sample: Cell, first: number): (n: number) => Cell {
  if (column === 'position') return (n) => first + n;
  if (column === 'version' && kind === 'hot') return (n) => 2 + Math.floor(n / hot);
  if (typeof sample !== 'string') return () => sample;
  const parts = sample.split(new RegExp(`(${skuSample}|${commandSample})`));
  if (parts.length === 1) return () => sample;
  const sku = kind === 'hot' ? (n: number) => `b-${n % hot}` : (n: number) => `b-${n}`;
  return (n) => {
    let made = '';
    for (const part of parts) made += part === skuSample ? sku(n) : part === commandSample ? `bench-${n}` : part;
    return made;
  };
}

function inserterOf(db: Database.Database, kind: Kind, { table, columns, cells }: Left, first: number): (n: number) => void {
  const isRead = db.prepare('SELECT 1 FROM read_tables WHERE name = ?').get(table) !== undefined;
  const [key = ''] = columns;
  const sets = columns.filter((column) => column !== key).map((column) => `"${column}" = excluded."${column}"`);
  const upsert = isRead ? ` ON CONFLICT ("${key}") DO UPDATE SET ${sets.join(', ')}` : '';
  const names = columns.map((column) => `"${column}"`).join(', ');
  const insert = db.prepare(`INSERT INTO "${table}" (${names}) VALUES (${columns.map(() => '?').join(', ')})${upsert}`);
  const makers = cells.map((cell, at) => cellOf(kind, columns[at] ?? '', cell, first));
  return (n) => insert.run(makers.map((make) => make(n)));
}

/**
 * The baseline: prepared inserts of the very rows that one command leaves (event, tags, receipt, row, journal), into the very tables, with their
 * indexes, 64 commands a commit, `synchronous=FULL`. Nothing is read, decided, encoded, or forgotten by the journal.
 */
export async function bareInserts(kind: Kind, folder: string, seconds: number): Promise<Bare> {
  const left = await rowsOfOneCommand(kind, folder);
  const db = new Database(join(folder, 'varve.db'));
  db.pragma('synchronous = FULL');
  db.pragma(`cache_size = ${-limits.pageCacheKiB}`);
  db.pragma(`wal_autocheckpoint = ${limits.checkpointPages}`);
  const first = db.prepare<[], number>('SELECT max(position) + 1 FROM events').pluck().get() ?? 1;
  const inserters = left.map((one) => inserterOf(db, kind, one, first));
  let done = 0;
  const commit = db.transaction(() => {
    for (const end = done + batch; done < end; done++) for (const insert of inserters) insert(done);
  });
  const started = performance.now();
  while (performance.now() < started + seconds * 1000) commit.immediate();
  const perSecond = (done / (performance.now() - started)) * 1000;
  db.close();
  return { perSecond, rows: left.map(({ table }) => table) };
}
