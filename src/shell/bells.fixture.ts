import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { application } from '#application';
import { reaction } from '#reaction';
import { house, lamp } from './lamps.fixture.ts';

/** Where the bell leaves a line for each attempt, `KEY POSITION THREAD PID`; by the environment, since threads share no memory. */
export const bellFile = 'VARVE_TEST_BELL_FILE';

interface Ring {
  readonly key: string;
  readonly position: number;
  readonly thread: number;
  readonly pid: number;
}

/** What a bell did, line by line. */
export function rung(file: string): readonly Ring[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [key = '', position, thread, pid] = line.split(' ');
    return { key, position: Number(position), thread: Number(thread), pid: Number(pid) };
  });
}

/** What a number of times does at its first attempt. */
const mishaps: Readonly<Record<number, () => Promise<void> | void>> = {
  30: crack,
  32: () => {
    setImmediate(crack);
    return new Promise(() => {});
  },
  33: () => new Promise(() => {}),
  35: () => void process.kill(process.pid, 'SIGKILL'),
};

function crack(): never {
  throw new Error('the bell cracked');
}

/** Rings whenever a lamp is switched. 30 fails once and 31 always, 32 ends its thread, 33 never ends, 35 kills the process: each when it has rung. */
const bell = reaction('bell', [lamp], {
  Switched: async ({ position, data: { times } }, { key }) => {
    const file = process.env[bellFile] ?? '';
    const isFirst = !rung(file).some((one) => one.key === key);
    appendFileSync(file, `${key} ${position} ${threadId} ${process.pid}\n`);
    if (times === 31) crack();
    if (isFirst) await mishaps[times]?.();
  },
});

/** The house of lamps, with a bell. */
export const bells = application({
  name: 'bells',
  module: import.meta.url,
  commands: house.commands,
  shows: house.exposures,
  reacts: [bell],
});
