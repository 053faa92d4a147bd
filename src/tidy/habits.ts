import { Node, type SourceFile, SyntaxKind } from 'ts-morph';
import { folderOf, isTest, type Source } from './sources.ts';

const fileLinesMax = 300;
const functionLinesMax = 50;

interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  /** Where it may stand all the same. */
  readonly except?: (path: string) => boolean;
}

const program = (path: string) => folderOf(path) === 'shell' || path.startsWith('bench/') || path.startsWith('src/shop/import/');

/** What does not stand in the code, and what stands in its place. */
const bans: readonly Ban[] = [
  { pattern: /\bTODO\b|\bFIXME\b|\bXXX\b/, instead: 'do it, or open an issue' },
  { pattern: /@ts-ignore|@ts-nocheck/, instead: 'make the types right, or @ts-expect-error in a test of types' },
  { pattern: /\bas unknown as\b|\bas any\b|: any[;,)\]=|]|<any>/, instead: 'a type guard, or one cast with its reason' },
  {
    pattern: /\bDate\.now\(|new Date\(\)|Math\.random\(/,
    instead: 'the clock and ids of #base, handed in',
    except: (path) => path === 'src/base/clock.ts' || program(path) || isTest(path),
  },
  { pattern: /\bconsole\./, instead: "the logger, or the shell's standard output", except: (path) => program(path) || isTest(path) },
  { pattern: /\b(test|it|describe)\.only\(/, instead: 'all tests' },
  { pattern: /\b(test|it|describe)\.skip\(/, instead: 'skipIf, with the reason printed' },
];

/** Every banned word, with its place and its replacement. */
export function banned(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, i) => {
      const found = bans.filter(({ pattern, except }) => pattern.test(line) && !except?.(path));
      return path.startsWith('src/tidy')
        ? []
        : found.map(({ pattern, instead }) => `${path}:${i + 1} has ${String(pattern.exec(line)?.[0])}: instead, ${instead}`);
    }),
  );
}

/** Files and functions that are too long to be read at once. */
export function tooLong(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, text, parsed }) => [
    ...(linesOf(text) > fileLinesMax ? [`${path} has ${linesOf(text)} lines; ${fileLinesMax} are allowed`] : []),
    ...functionsOf(parsed)
      .filter(({ lines }) => lines > functionLinesMax && !isSuite(path))
      .map(({ name, lines }) => `${path} ${name} has ${lines} lines; ${functionLinesMax} are allowed`),
  ]);
}

/** The body of a suite is a list of tests, not one function's logic. */
const isSuite = (path: string) => path.endsWith('.test.ts') || path.endsWith('contract.ts');

const linesOf = (text: string) => text.trimEnd().split('\n').length;

/** The functions of a file and their lengths. */
export function functionsOf(parsed: SourceFile): readonly { readonly name: string; readonly lines: number }[] {
  return parsed
    .getDescendants()
    .filter(
      (node) =>
        Node.isFunctionDeclaration(node) ||
        Node.isMethodDeclaration(node) ||
        Node.isArrowFunction(node) ||
        Node.isFunctionExpression(node) ||
        Node.isConstructorDeclaration(node),
    )
    .map((node) => ({
      name:
        (Node.hasName(node) ? node.getName() : undefined) ??
        node.getParentIfKind(SyntaxKind.VariableDeclaration)?.getName() ??
        'a function',
      lines: node.getEndLineNumber() - node.getStartLineNumber() + 1,
    }));
}

/** Exports that the public API hands on and that do not say what they mean. */
export function undocumented(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(
      ({ path }) =>
        path.startsWith('src/') &&
        !isTest(path) &&
        folderOf(path) !== 'tidy' &&
        !path.startsWith('src/shop/') &&
        !path.endsWith('index.ts'),
    )
    .flatMap(({ path, parsed }) =>
      parsed.getStatements().flatMap((statement) => {
        if (!Node.isExportable(statement) || !statement.isExported() || !Node.isJSDocable(statement) || statement.getJsDocs().length > 0)
          return [];
        const name = Node.isVariableStatement(statement)
          ? statement.getDeclarations()[0]?.getName()
          : Node.hasName(statement)
            ? statement.getName()
            : '?';
        // A type of the same name as a documented value says nothing new.
        return Node.isTypeAliasDeclaration(statement) && parsed.getVariableDeclaration(statement.getName())
          ? []
          : [`${path} exports ${name} without saying what it means`];
      }),
    );
}
