/** `npm run bench -- commands`: the dispatcher alone, beside bare inserts of the same rows, and beside Emmett on SQLite. */
import { join } from 'node:path';
import { bounds } from './bounds.ts';
import { checked } from './checked.ts';
import type { Sent } from './dispatcher.ts';
import { type Bench, medians, print } from './figures.ts';
import { inFolder } from './folders.ts';
import { ask, peersInstalled } from './processes.ts';
import { bareInserts, type Kind } from './sqlite.ts';

const kinds: Readonly<Record<Kind, string>> = { new: 'a new product', hot: 'the price of one of 1,000 products' };

interface Emmett {
  readonly inSequence: { readonly perSecond: number; readonly failed: string };
  readonly at16: { readonly perSecond: number; readonly failed: string };
}

async function measure(kind: Kind) {
  const bare = await inFolder((folder) => bareInserts(kind, folder, bounds.seconds));
  return inFolder(async (folder) => {
    const { perSecond, sent } = await ask<Sent>('dispatcher.ts', kind, String(bounds.seconds), folder);
    return { bare, perSecond, checked: await checked(folder, [{ prefix: 'bench-', count: sent }]) };
  });
}

function rowOf(kind: Kind, rounds: readonly Awaited<ReturnType<typeof measure>>[]) {
  const { bare, varve } = medians(rounds.map(({ bare, perSecond }) => ({ bare: bare.perSecond, varve: perSecond })));
  return { 'a command': kinds[kind], 'rows it leaves': rounds[0]?.bare.rows.join(', ') ?? '', bare, varve, ratio: varve / bare };
}

/** Emmett's commands a second, where it can be run. */
async function besideEmmett(): Promise<void> {
  if (!(await peersInstalled())) return;
  try {
    const { inSequence, at16 } = await inFolder((folder) =>
      ask<Emmett>('peers/emmett.ts', join(folder, 'emmett.db'), String(bounds.seconds)),
    );
    print('Emmett 0.42 on SQLite, one event a command and no receipt, tag or row; commands/s', [
      { commands: 'one after the other', 'commands/s': inSequence.perSecond, failed: inSequence.failed },
      { commands: '16 at once', 'commands/s': at16.perSecond, failed: at16.failed },
    ]);
  } catch (fault) {
    console.log(`\nEmmett cannot be run: ${String(fault).slice(0, 300)}`);
  }
}

/** Bare inserts and dispatcher in turns. */
export const bench: Bench = async () => {
  const rounds: Record<Kind, Awaited<ReturnType<typeof measure>>[]> = { new: [], hot: [] };
  for (let round = 0; round < bounds.rounds; round++) for (const kind of ['new', 'hot'] as const) rounds[kind].push(await measure(kind));
  const rows = (['new', 'hot'] as const).map((kind) => rowOf(kind, rounds[kind]));
  print('The dispatcher alone, 64 in flight, beside prepared inserts of the same rows, 64 commands a commit; commands/s', rows);
  const acknowledged = [...rounds.new, ...rounds.hot].reduce((sum, one) => sum + one.checked.acknowledged, 0);
  console.log(`\nChecked: ${acknowledged} acknowledged commands are there once, and the rows are as a rebuild makes them.`);
  await besideEmmett();
  return { dispatcher: rows[0]?.ratio ?? Number.NaN };
};
