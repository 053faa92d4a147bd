import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { shop } from '#shop';
import { verify } from '#varve';
import { databaseFile } from '../data-folder.ts';
import type { Told } from './lives.ts';

/** What a data folder holds after a fault, against what had been told of it before. */
export interface Aftermath {
  /** The position of each command that is there. */
  readonly there: ReadonlyMap<string, number>;
  /** How many accepted commands are not there, or not where they were said to be. */
  readonly lost: number;
  /** All that is wrong, in words. */
  readonly faults: readonly string[];
}

/** Looks at a folder that no process holds, and only reads: the next start is to find what the fault left. */
export async function aftermathOf(folder: string, { accepted, refused }: Told): Promise<Aftermath> {
  const there = receiptsIn(folder);
  const lost = [...accepted].filter(([id, position]) => there.get(id) !== position);
  const faults = lost.length > 0 ? [`lost ${lost.length} of ${accepted.size}, the first of them ${lost[0]?.join(' at ')}`] : [];
  for (const id of refused) if (there.has(id)) faults.push(`${id} was refused, and is there`);
  if (there.size > 0) {
    // That each receipt has its events, once, and no event is without, is for `verify` to find.
    const { findings } = await verify(shop, folder, { staleToo: true });
    faults.push(...findings.filter(({ code }) => code !== 'TABLE_STALE').map(({ code, message }) => `${code}: ${message}`));
  }
  return { there, lost: lost.length, faults };
}

/** Empty where there is no log yet, or one that was being made: then it has a journal, which only a start that may write can undo. */
function receiptsIn(folder: string): ReadonlyMap<string, number> {
  if (!existsSync(databaseFile(folder)) || existsSync(`${databaseFile(folder)}-journal`)) return new Map();
  const db = new Database(databaseFile(folder), { readonly: true });
  try {
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'commands'").get() === undefined) return new Map();
    return new Map(db.prepare<[], [string, number]>('SELECT command_id, position FROM commands').raw().all());
  } finally {
    db.close();
  }
}
