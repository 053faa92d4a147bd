import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checked } from './check.ts';
import type { Acknowledged } from './ids.ts';
import { ask } from './processes.ts';

/** The last step of a bench: holds a data folder against what was promised. By a file: so many ids are too long for a command line. */
export function checked(folder: string, acknowledged: readonly Acknowledged[], rebuilds = 1): Promise<Checked> {
  const known = join(folder, 'acknowledged.json');
  writeFileSync(known, JSON.stringify(acknowledged));
  return ask<Checked>('check.ts', folder, known, String(rebuilds));
}
