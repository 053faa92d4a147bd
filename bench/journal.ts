/**
 * `npm run bench -- journal`: what the journal of row changes costs a command, in time and on disk. The dispatcher alone, 64 commands in flight,
 * with the journal and without it, in turns, each in a process of its own; medians over the rounds. First the journal is filled, so that what
 * is added and what is forgotten balance while it is measured.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { codecOf, type Dispatcher, dispatcher } from '#command';
import { openSqliteStore } from '#eventstore';
import { type Journal, sqliteJournal, sqliteRows } from '#readtable';
import { open } from '#shell';
import { addProduct, changePrice, placeOrder, registerUser, shop } from '#shop';
import { bounds } from './bounds.ts';
import { type Bench, median, print } from './figures.ts';
import { ask } from './processes.ts';

const { rounds, seconds } = bounds;
const positionsMax = Number(process.env['POSITIONS'] ?? Math.min(10_000, bounds.events / 10));
const known = 1_000;

interface Measured {
  readonly perSecond: number;
  /** Processor time of a command, and what it writes. */
  readonly cpuMicros: number;
  readonly writtenKiB: number;
  /** Row changes a command, and what each takes in the file. */
  readonly changes: number;
  readonly bytes: number;
}

type Send = (writer: Dispatcher, n: number) => ReturnType<Dispatcher['send']>;

const kinds: Readonly<Record<string, Send>> = {
  'a new product': (writer, n) => writer.send(addProduct, { sku: `new-${n}`, name: 'Bench', price: '1.00', stock: 1 }),
  'a price of one of 1,000 products': (writer, n) => writer.send(changePrice, { sku: `p-${n % known}`, price: `${1 + (n % 97)}.00` }),
  'an order of 5 of 1,000 products': (writer, n) =>
    writer.send(placeOrder, {
      orderId: `o-${n}`,
      userId: `u-${(n * 7) % known}`,
      lines: [0, 211, 402, 593, 797].map((step) => ({ sku: `p-${(n * 31 + step) % known}`, quantity: 1 })),
    }),
};

const none: Journal<Database> = { append: () => {} };

async function measure(send: Send, isJournaled: boolean): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-bench-'));
  await (await open(shop, folder)).close();
  const log = openSqliteStore(join(folder, 'varve.db'));
  const journal = isJournaled ? sqliteJournal({ positionsMax }) : none;
  const writer = dispatcher({ log, rows: sqliteRows(), journal, projections: shop.projections, codec: codecOf(shop) });
  await Promise.all(
    Array.from({ length: known }, async (_, n) => {
      await writer.send(addProduct, { sku: `p-${n}`, name: `Product number ${n}`, price: '1.00', stock: 100_000 });
      await writer.send(registerUser, { userId: `u-${n}`, username: `User ${n}` });
    }),
  );
  let sent = 0;
  const run = async (goesOn: () => boolean) => {
    while (goesOn()) if (!(await send(writer, sent++)).accepted) throw new Error('refused');
  };
  const allRun = (goesOn: () => boolean) => Promise.all(Array.from({ length: 64 }, () => run(goesOn)));
  await allRun(() => sent < positionsMax);
  const [started, first, before] = [performance.now(), sent, process.resourceUsage()];
  await allRun(() => performance.now() < started + seconds * 1000);
  const [commands, took, after] = [sent - first, performance.now() - started, process.resourceUsage()];
  const { count, positions, size } = log
    .openReader()
    .prepare<[], { count: number; positions: number; size: number }>(
      `SELECT count(*) AS count, count(DISTINCT position) AS positions,
        (SELECT sum(pgsize) FROM dbstat WHERE name IN ('changes', 'changes_key')) AS size FROM changes`,
    )
    .get() ?? { count: 0, positions: 0, size: 0 };
  await writer.close();
  await log.close();
  rmSync(folder, { recursive: true });
  return {
    perSecond: (commands / took) * 1000,
    cpuMicros: (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / commands,
    writtenKiB: (after.fsWrite - before.fsWrite) / 2 / commands,
    changes: count / positions,
    bytes: size / count,
  };
}

const measureApart = (kind: string, isJournaled: boolean) => ask<Measured>('journal.ts', kind, String(isJournaled));

async function compare(kind: string) {
  const [off, on]: [Measured[], Measured[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    off.push(await measureApart(kind, false));
    on.push(await measureApart(kind, true));
  }
  const both = (name: keyof Measured, digits = 0) =>
    [off, on].map((all) => median(all.map((one) => one[name])).toFixed(digits)).join(' → ');
  return {
    command: kind,
    'commands/s': both('perSecond'),
    'processor µs': both('cpuMicros'),
    'written KiB': both('writtenKiB'),
    'changes a command': on[0]?.changes.toFixed(1) ?? '',
    'bytes a change': on[0]?.bytes.toFixed(0) ?? '',
  };
}

/** Without the journal and with it. */
export const bench: Bench = async () => {
  const rows = [];
  for (const name of Object.keys(kinds)) rows.push(await compare(name));
  print(`Without → with the journal of ${positionsMax} positions, a command; medians of ${rounds} rounds of ${seconds} s, in turns`, rows);
  return {};
};

// Each measurement is a process of its own.
if (import.meta.main) {
  const [kind = '', isJournaled] = process.argv.slice(2);
  const send = kinds[kind];
  if (send) console.log(JSON.stringify(await measure(send, isJournaled === 'true')));
}
