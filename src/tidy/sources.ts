import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ts } from 'ts-morph';

/** The repository's root. */
export const root = join(import.meta.dirname, '../..');

/** One source file, parsed. */
export interface Source {
  /** From the root: `src/base/ids.ts`. */
  readonly path: string;
  readonly text: string;
  readonly parsed: ts.SourceFile;
  /** What it imports or exports from elsewhere, type imports included: paths of the repository, or names of packages. */
  readonly imports: readonly string[];
}

/** `#event` → `./src/event/index.ts`, from `package.json`. */
const entries: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).imports;

/** Parses a text as the file of a path would be. */
export function sourceOf(path: string, text: string): Source {
  const parsed = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, parsed, imports: specifiersIn(parsed).map((specifier) => resolve(path, specifier)) };
}

/** Every node of a tree, parents first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

/** `import … from 'x'`, `export … from 'x'`, `import('x')` as a value and as a type. */
function specifiersIn(parsed: ts.SourceFile): readonly string[] {
  return [...nodesOf(parsed)].flatMap((node) => {
    const name = specifierOf(node);
    return name && ts.isStringLiteralLike(name) ? [name.text] : [];
  });
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0];
  return undefined;
}

function resolve(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(path), specifier);
  return entries[specifier]?.slice('./'.length) ?? specifier;
}

/** All files of some folders, from the root, that end so. */
export function filesIn(folders: readonly string[], ...endings: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
      .filter(({ parentPath }) => !parentPath.includes('node_modules'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .sort(),
  );
}

/** Every source file of the project that a person wrote. */
export function allSources(): readonly Source[] {
  return [...filesIn(['src', 'e2e', 'bench', 'docs'], '.ts', '.js'), 'codegen.ts', '.config/vitest.config.ts']
    .filter((path) => !path.startsWith('e2e/generated/'))
    .map((path) => sourceOf(path, readFileSync(join(root, path), 'utf8')));
}

/** True for files that only tests use. */
export const isTest = (path: string): boolean =>
  /\.(test|fixture)\.ts$|\/(contract|(rowstore|journal)\.contract|testing|fake-shop)\.ts$/.test(path) || !path.startsWith('src/');

/** `base` of `src/base/ids.ts`; empty for files directly in `src` and outside it. */
export const folderOf = (path: string): string => /^src\/([^/]+)\//.exec(path)?.[1] ?? '';
