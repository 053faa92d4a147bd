import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { temporaryFolder } from '../server-process.ts';
import { type Life, type Settings, withSettings, writer } from './lives.ts';

/** What a program had a disk do, in order. Files are told apart by a number, for they change their names. */
export type Step =
  | { readonly kind: 'write'; readonly file: number; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: number; readonly size: number }
  | { readonly kind: 'sync'; readonly file: number }
  /** From here on the name stands for that file; undefined: for none. */
  | { readonly kind: 'name'; readonly name: string; readonly file: number | undefined }
  /** Of the folder: names. */
  | { readonly kind: 'syncnames' }
  /** What the program said then to whoever sent it commands. */
  | { readonly kind: 'said'; readonly text: string };

/** The files of a data folder that are kept; what else is in it can be lost. */
const kept = ['varve.db', 'varve.db-wal', 'varve.db-wal.new', 'varve.db-journal', 'varve.db.new', 'varve.db.new-journal'];

/** Runs the writing program to its end on a new folder, life after life, and answers what it had the disk do. */
export function traceWriter(lives: readonly Omit<Life, 'folder'>[], settings: Settings): readonly Step[] {
  using place = temporaryFolder();
  const [folder, answers, traced] = ['data', 'answers', 'trace'].map((name) => join(place.path, name)) as [string, string, string];
  mkdirSync(folder);
  const { words, environment } = withSettings(settings);
  const watched = [folder, answers, ...kept.map((name) => join(folder, name))].flatMap((path) => ['-P', path]);
  const calls = 'trace=openat,pwrite64,write,fsync,fdatasync,ftruncate,rename,unlink,unlinkat';
  const output = openSync(answers, 'w');
  try {
    const { status, stderr } = spawnSync(
      'strace',
      ['-o', traced, '-y', '-xx', '-s', '1000000', '-e', calls, ...watched, process.execPath, ...words, writer],
      {
        input: lives.map((life) => `${JSON.stringify({ ...life, folder })}\n`).join(''),
        stdio: ['pipe', output, 'pipe'],
        env: { ...process.env, ...environment },
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(`the program that was traced ended with ${status}: ${stderr}`);
  } finally {
    closeSync(output);
  }
  return stepsIn(readFileSync(traced, 'utf8'));
}

/** The steps in what strace has written; calls that failed did nothing. */
function stepsIn(trace: string): readonly Step[] {
  const reading = new TraceReading();
  return trace.split('\n').flatMap((line) => reading.stepsOf(line));
}

const plain = (text: string): string => Buffer.from(text.replaceAll('\\x', ''), 'hex').toString('latin1');
/** A file by how strace shows it: a descriptor and its path, hexadecimal or not. */
const nameIn = (path: string): string => basename(path.includes('\\x') ? plain(path) : path);

/** Reads a trace line by line, and keeps which file has which name. */
class TraceReading {
  readonly #files = new Map<string, number>();
  #count = 0;

  stepsOf(line: string): readonly Step[] {
    const [, call, rest = '', result = ''] = /^(\w+)\((.*)\) += (-?\d+)/.exec(line) ?? [];
    if (call === undefined || Number(result) < 0) return [];
    const strings = [...rest.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) => hex);
    const path = nameIn(/<([^>]*)>/.exec(rest)?.[1] ?? '');
    const numbers = rest.slice(rest.lastIndexOf('"') + 1).match(/\d+/g) ?? [];
    switch (call) {
      case 'openat':
        return rest.includes('O_CREAT') ? this.#made(nameIn(strings.at(-1) ?? '')) : [];
      case 'pwrite64':
        return this.#written(path, strings[0] ?? '', Number(numbers.at(-1)));
      case 'write':
        if (path !== 'answers') throw new Error(`The trace has a write to ${path} that does not say where.`);
        return [{ kind: 'said', text: plain(strings[0] ?? '') }];
      case 'ftruncate':
        return this.#of(path, (file) => ({ kind: 'truncate', file, size: Number(/(\d+)$/.exec(rest)?.[1]) }));
      case 'fsync':
      case 'fdatasync':
        return this.#files.has(path) ? this.#of(path, (file) => ({ kind: 'sync', file })) : [{ kind: 'syncnames' }];
      case 'rename':
        return this.#renamed(nameIn(strings[0] ?? ''), nameIn(strings[1] ?? ''));
      default:
        return this.#named(nameIn(strings.at(-1) ?? ''), undefined);
    }
  }

  #of(name: string, step: (file: number) => Step): readonly Step[] {
    const file = this.#files.get(name);
    if (file === undefined) throw new Error(`The trace has ${name} changed, which it does not have made.`);
    return [step(file)];
  }

  #made(name: string): readonly Step[] {
    return this.#files.has(name) || !kept.includes(name) ? [] : this.#named(name, this.#count++);
  }

  #written(name: string, hex: string, at: number): readonly Step[] {
    return this.#of(name, (file) => ({ kind: 'write', file, at, bytes: Buffer.from(plain(hex), 'latin1') }));
  }

  #renamed(from: string, to: string): readonly Step[] {
    const file = this.#files.get(from);
    return [...this.#named(from, undefined), ...this.#named(to, file)];
  }

  #named(name: string, file: number | undefined): readonly Step[] {
    if (file === undefined) this.#files.delete(name);
    else this.#files.set(name, file);
    return [{ kind: 'name', name, file }];
  }
}
