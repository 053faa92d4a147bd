/** Tests that a page names, so that a test of the page holds that they are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A test by its file and by words of its title. */
export interface NamedTest {
  readonly file: string;
  readonly words: string;
}

const root = join(import.meta.dirname, '..');

const testOf = ([, file = '', words = '']: readonly string[]): NamedTest => ({ file, words: words.trim() });

/** Those in a row of a table, or in many: `file`: words, each ended by a semicolon or the cell. */
export const testsInRows = (text: string): readonly NamedTest[] =>
  [...text.matchAll(/`((?:docs|e2e|src)\/[^`]+\.ts)`: ([^;|]+)/g)].map(testOf);

/** Those of a list, one a line. */
export const testsInLists = (text: string): readonly NamedTest[] => [...text.matchAll(/^- `([^`]+)`: (.+)$/gm)].map(testOf);

/** Those that are not there: their file has no such words. Throws where there is no such file. */
export const missingTests = (tests: readonly NamedTest[]): readonly NamedTest[] =>
  tests.filter(({ file, words }) => !readFileSync(join(root, file), 'utf8').includes(words));
