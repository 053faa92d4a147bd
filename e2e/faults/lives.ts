import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { limits } from '#base';

/** What the writing program is to do with a data folder. */
export interface Life {
  readonly folder: string;
  /** Begins the ids of its commands, so that no other life has the same. */
  readonly name: string;
  /** How many commands are under way at a time. */
  readonly lanes: number;
  /** How many each lane sends; left out: until it ends. */
  readonly commands?: number;
  /** Commands of earlier lives, of which nobody knows what became of them: they are sent first. */
  readonly again?: readonly string[];
}

/** What became of commands, as their sender was told. */
export interface Told {
  /** The position that each accepted command was answered with. */
  readonly accepted: Map<string, number>;
  readonly refused: Set<string>;
  /** Answered with a fault: they may have taken effect, or not. */
  readonly unknown: Set<string>;
}

/** Nothing yet. */
export const nothingTold = (): Told => ({ accepted: new Map(), refused: new Set(), unknown: new Set() });

/** Takes in what a writing program said. A line that has no end yet was not said. */
export function hear(told: Told, said: string): void {
  for (const line of said.split('\n').slice(0, -1)) {
    const [sign, id = '', rest] = line.split(' ');
    told.unknown.delete(id);
    if (sign === '+') told.accepted.set(id, Number(rest));
    if (sign === '-') told.refused.add(id);
    if (sign === '?') told.unknown.add(id);
  }
}

/** A writing program that has loaded all it needs, and waits for its life. */
export interface WriterProcess extends AsyncDisposable {
  /** All that it has said. */
  said(): string;
  begin(life: Life): void;
  /** Resolves when it has said something of that shape, or has ended. */
  says(pattern: RegExp): Promise<void>;
  hasEnded(): boolean;
  /** Kills it, if it lives; resolves when all has been read that it said. */
  kill(): Promise<void>;
}

/** The writing program. */
export const writer = join(import.meta.dirname, 'writer.ts');
const preloaded = join(import.meta.dirname, 'settings.ts');

/** What a program is to have otherwise than it is written. */
export interface Settings {
  /** Of its databases. */
  readonly pragmas?: Readonly<Record<string, string | number>>;
  readonly limits?: Readonly<Partial<Record<keyof typeof limits, number>>>;
}

/** What starts a program with other settings. */
export const withSettings = (settings: Settings = {}) => ({
  words: ['--import', preloaded],
  environment: { OTHER_SETTINGS: JSON.stringify(settings) },
});

/** Commits are not synced. */
export const unsynced: Settings = { pragmas: { synchronous: 'NORMAL' } };

/** Starts a writing program. */
export async function startWriter(settings?: Settings): Promise<WriterProcess> {
  const { words, environment } = withSettings(settings);
  const child = spawn(process.execPath, [...words, writer], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const killWithUs = () => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const closed = once(child, 'close').then(() => void process.off('exit', killWithUs));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // Where it was killed before it read its life.
  child.stdin.on('error', () => {});
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const says = async (pattern: RegExp) => {
    while (!pattern.test(said) && !hasEnded()) await Promise.race([once(child.stdout, 'data'), closed]);
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await closed;
  };
  await says(/ready/);
  return {
    said: () => said,
    begin: (life) => void child.stdin.write(`${JSON.stringify(life)}\n`),
    says,
    hasEnded,
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
