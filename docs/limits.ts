/** What docs/limits.md says of the limits, made from the files that hold them. */

import type { NamedTest } from './named.ts';

/** One limit as its file has it. */
interface Limit {
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

const marker = (path: string, edge: 'begin' | 'end') => `<!-- ${edge} ${path} -->`;

/** The limits of a file: each property with the comment above it; one comment may stand for several in a row. */
export function limitsIn(source: string): readonly Limit[] {
  const found: Limit[] = [];
  let meaning = '';
  for (const line of source.slice(source.indexOf('= {')).split('\n')) {
    const [, comment] = /^ {2}\/\*\* (.*?) ?(\*\/)?$/.exec(line) ?? [];
    const [, more] = /^ {3}\* (.*?) ?(\*\/)?$/.exec(line) ?? [];
    const [, name, value] = /^ {2}(\w+): (.*),$/.exec(line) ?? [];
    if (comment !== undefined) meaning = comment;
    else if (more !== undefined) meaning += ` ${more}`;
    else if (line.trim() === '') meaning = '';
    if (name !== undefined && value !== undefined) found.push({ name, value, meaning });
  }
  return found;
}

/** Of each limit of a file, by its name, a test that crosses it. */
export type Crossings = Readonly<Record<string, NamedTest>>;

const tableOf = (source: string, crossings: Crossings): string =>
  [
    '| limit | value | of what | a test that crosses it |',
    '|---|---|---|---|',
    ...limitsIn(source).map(({ name, value, meaning }) => {
      const { file, words } = crossings[name] ?? none;
      return `| \`${name}\` | \`${value}\` | ${meaning} | \`${file}\`: ${words} |`;
    }),
  ].join('\n');

const none: NamedTest = { file: 'docs/crossings.ts', words: 'none' };

/** The page with each file's table made anew, from the file's text and what crosses its limits. */
export function refreshedLimits(
  page: string,
  files: Readonly<Record<string, string>>,
  crossings: Readonly<Record<string, Crossings>>,
): string {
  return Object.entries(files).reduce((text, [path, source]) => {
    const [begin, end] = [marker(path, 'begin'), marker(path, 'end')];
    if (!text.includes(begin) || !text.includes(end)) throw new Error(`The page has no place for ${path}: ${begin} … ${end}`);
    return `${text.slice(0, text.indexOf(begin))}${begin}\n${tableOf(source, crossings[path] ?? {})}\n${text.slice(text.indexOf(end))}`;
  }, page);
}

/** The codes that a source gives to faults and rejections. */
export function codesIn(source: string): readonly string[] {
  return [
    ...source.matchAll(/(?:code: '|^ {2}(?=[A-Z_]+: \{ status)|\[\s*'SQLITE_\w+',\s*'|bad\w*\('|fault\('|wrong\(')([A-Z][A-Z_]+)\b/gm),
  ].map(([, code = '']) => code);
}
