import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { textOf, VarveError } from '#base';
import { isFull } from '#eventstore';

/** What may be set of a file that is to be made. */
export interface WholeFileOptions {
  /** True: a file that is there is replaced. */
  readonly force?: boolean | undefined;
  /** A file that must never be replaced, by whatever name it is given. */
  readonly notThis?: string;
}

/**
 * Makes a file that is there whole or not at all: the work writes it by another name beside it; then it is synced, gets its name, and its folder is
 * synced. What killed processes left of theirs is removed first. Throws `FILE_EXISTS`, `CANNOT_WRITE_FILE`, `STORAGE_FULL`, and what the work throws.
 */
export async function wholeFile<T>(file: string, work: (making: string) => Promise<T>, options: WholeFileOptions = {}): Promise<T> {
  assertFree(file, options);
  const making = `${file}.part-${process.pid}`;
  try {
    removeLeftOvers(file);
    rmSync(making, { force: true });
    const done = await work(making);
    sync(making);
    renameSync(making, file);
    sync(dirname(file));
    return done;
  } catch (fault) {
    for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${making}${end}`, { force: true });
    throw writeFault(file, fault);
  }
}

function assertFree(file: string, { force, notThis }: WholeFileOptions): void {
  if (notThis !== undefined && isSame(file, notThis))
    throw exists(`${file} is the log itself.`, 'Give the name of a file that is not there.');
  const beside = ['-wal', '-journal'].map((end) => `${file}${end}`).find((name) => existsSync(name));
  if (beside !== undefined)
    throw exists(`Beside ${file} there is ${beside}: a database of that name is in use, or was left by a crash.`, 'Give another name.');
  if (existsSync(file) && force !== true) throw exists(`${file} is there already.`, 'Give another name, or --force to replace it.');
}

const exists = (message: string, hint: string) => new VarveError({ code: 'FILE_EXISTS', message, hint });

function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((file) => statSync(file, { throwIfNoEntry: false, bigint: true }));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

function removeLeftOvers(file: string): void {
  const begin = `${basename(file)}.part-`;
  for (const name of readdirSync(dirname(file)).filter((found) => found.startsWith(begin))) {
    const [, pid] = /^(\d+)(-\w+)?$/.exec(name.slice(begin.length)) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(dirname(file), name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM';
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What the system says of a file that cannot be made, in words. */
function writeFault(file: string, fault: unknown): unknown {
  if (isFull(fault))
    return new VarveError({
      code: 'STORAGE_FULL',
      message: `There is no room for ${file}: ${textOf(fault)}.`,
      hint: 'Make room on its disk, or give a file on another.',
      cause: fault,
    });
  if (!(fault instanceof Error && 'syscall' in fault)) return fault;
  return new VarveError({
    code: 'CANNOT_WRITE_FILE',
    message: `${file} cannot be written: ${fault.message}.`,
    hint: 'Give a file in a folder that is there, and that the user that runs this may write to.',
    cause: fault,
  });
}
