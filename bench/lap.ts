/**
 * What adding a product costs on logs as they stand, in turns in one process of its own: 64 in flight, with ids that come in order and with
 * scattered ones. Each turn ends with the closing of the log, so that what it wrote has reached the database file too. Its arguments: the logs in
 * JSON, and how many turns. It answers {@link Laps} for each log.
 */
import { cpSync, rmSync } from 'node:fs';
import { open } from '#shell';
import { addProduct, shop } from '#shop';
import { inFolder } from './folders.ts';
import { scattered } from './ids.ts';

/** A log to be measured. */
export interface Track {
  readonly folder: string;
  /** Each turn is on a copy: so a small log stays small. */
  readonly isCopied: boolean;
}

/** Microseconds a command, by the clock, of each turn; and the commands of each. */
export interface Laps {
  readonly inOrder: readonly number[];
  readonly scattered: readonly number[];
  readonly commands: number;
}

const kinds = { inOrder: (n: number): string => String(n), scattered };

/** Prefix of the ids of one turn. */
export const lapPrefix = (kind: keyof typeof kinds, turn: number): string => `lap-${kind}-${turn}-`;

type Engine = Awaited<ReturnType<typeof open>>;

const [commandsWarm, commandsTimed] = [500, 2_000];

/** Sends the commands of these numbers, 64 in flight. */
async function send(engine: Engine, prefix: string, idOf: (n: number) => string, first: number, last: number): Promise<void> {
  let sent = first - 1;
  const one = async () => {
    while (sent < last) {
      sent += 1;
      const id = `${prefix}${idOf(sent)}`;
      const outcome = await engine.send(addProduct, { sku: id, name: 'Bench', price: '1.00', stock: 1 }, { commandId: id });
      if (!outcome.accepted) throw new Error(outcome.refusal.message);
    }
  };
  await Promise.all(Array.from({ length: 64 }, one));
}

async function lap(folder: string, kind: keyof typeof kinds, turn: number): Promise<number> {
  const engine = await open(shop, folder);
  const prefix = lapPrefix(kind, turn);
  await send(engine, prefix, kinds[kind], 1, commandsWarm);
  const started = performance.now();
  await send(engine, prefix, kinds[kind], commandsWarm + 1, commandsWarm + commandsTimed);
  await engine.close();
  return ((performance.now() - started) / commandsTimed) * 1000;
}

async function lapOf({ folder, isCopied }: Track, kind: keyof typeof kinds, turn: number): Promise<number> {
  if (!isCopied) return lap(folder, kind, turn);
  const copy = `${folder}-copy`;
  cpSync(folder, copy, { recursive: true });
  try {
    return await lap(copy, kind, turn);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

async function laps(tracks: readonly Track[], turns: number): Promise<readonly Laps[]> {
  // Code is warm before it is measured, on logs that count for nothing.
  for (let turn = 0; turn < 4; turn++) await inFolder((warm) => lap(warm, 'scattered', turn));
  const measured = tracks.map(() => ({ inOrder: [] as number[], scattered: [] as number[], commands: commandsWarm + commandsTimed }));
  for (let turn = 1; turn <= turns; turn++)
    for (const kind of ['inOrder', 'scattered'] as const)
      for (const [at, track] of tracks.entries()) measured[at]?.[kind].push(await lapOf(track, kind, turn));
  return measured;
}

if (import.meta.main) {
  const [tracks = '[]', turns = '1'] = process.argv.slice(2);
  console.log(JSON.stringify(await laps(JSON.parse(tracks) as Track[], Number(turns))));
}
