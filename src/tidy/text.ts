import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesIn, root } from './sources.ts';

/** A file's path from the root, and what stands in it. */
export type Text = readonly [path: string, text: string];

/** Text that tells of a developer's machine or of where packages came from. */
const betraying: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/(?<![\w.])\/(home|Users|root)\/[\w.]+/, 'a path of a machine'],
  [/\b[A-Z]:\\+Users\\/, 'a path of a machine'],
  [/"resolved": *"[^"]*:\/\/[^"/]*/, 'the address of a package registry'],
  [/^(@[\w-]+:)?registry *=.*/m, 'the address of a package registry'],
];

/** Places in texts that belong to one machine rather than to the project. */
export function betrays(texts: readonly Text[]): readonly string[] {
  return texts.flatMap(([path, text]) =>
    betraying.flatMap(([pattern, what]) => {
      const [found] = pattern.exec(text) ?? [];
      return found === undefined ? [] : [`${path} holds ${what}: ${found}`];
    }),
  );
}

/**
 * The text that the project keeps: what git tracks or is about to; without git, its folders. The lock file is looked at as it was
 * committed, since installing may write the addresses of the reader's own registry into it.
 */
export function keptTexts(): readonly Text[] {
  const tracked = git('ls-files', '--cached', '--others', '--exclude-standard', '-z', '--deduplicate');
  const paths = tracked?.split('\0').filter((path) => path !== '') ?? filesIn(['src', 'e2e', 'bench', 'docs', 'schema', 'drizzle'], '');
  return paths
    .map((path): Text => [path, (path === 'package-lock.json' ? git('show', `:${path}`) : read(path)) ?? ''])
    .filter(([, text]) => !text.includes('\0'));
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined; // Deleted, and git has not been told yet.
  }
}

function git(...words: readonly string[]): string | undefined {
  try {
    return execFileSync('git', words, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}
