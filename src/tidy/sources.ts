import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Project, type SourceFile } from 'ts-morph';

/** The repository's root. */
export const root = join(import.meta.dirname, '../..');

/** One source file, parsed. */
export interface Source {
  /** From the root: `src/base/ids.ts`. */
  readonly path: string;
  readonly text: string;
  readonly parsed: SourceFile;
  /** What it imports or exports from elsewhere, type imports included: paths of the repository, or names of packages. */
  readonly imports: readonly string[];
}

/** `#event` → `src/event/index.ts`, from `package.json`. */
const entries: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).imports;

const project = new Project({ useInMemoryFileSystem: true });

/** Parses a text as the file of a path would be. */
export function sourceOf(path: string, text: string): Source {
  const parsed = project.createSourceFile(`/${path}`, text, { overwrite: true });
  const stated = [...parsed.getImportDeclarations(), ...parsed.getExportDeclarations()].flatMap(
    (one) => one.getModuleSpecifierValue() ?? [],
  );
  const specifiers = [...stated, ...[...text.matchAll(/\bimport\('([^']+)'\)/g)].flatMap(([, name]) => name ?? [])];
  return { path, text, parsed, imports: specifiers.map((specifier) => resolve(path, specifier)) };
}

function resolve(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(path), specifier);
  const entry = entries[specifier];
  return entry === undefined ? specifier : entry.slice(2);
}

/** All files of some folders, from the root, that end so. */
export function filesIn(folders: readonly string[], endings: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .sort(),
  );
}

/** Every TypeScript file of the project that a person wrote. */
export function allSources(): readonly Source[] {
  return filesIn(['src', 'e2e', 'bench', 'docs'], ['.ts'])
    .filter((path) => !path.startsWith('e2e/generated/'))
    .map((path) => sourceOf(path, readFileSync(join(root, path), 'utf8')));
}

/** True for files that only tests use. */
export const isTest = (path: string): boolean =>
  /\.(test|fixture)\.ts$|\/(contract|rowstore\.contract|testing|testserver|fake-shop)\.ts$/.test(path) || !path.startsWith('src/');

/** `base` of `src/base/ids.ts`; empty for files directly in `src`. */
export const folderOf = (path: string): string => /^src\/([^/]+)\//.exec(path)?.[1] ?? '';
