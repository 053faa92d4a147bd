import { ts } from 'ts-morph';
import { nodesOf, type Source } from './sources.ts';

const fileLinesMax = 300;
const functionLinesMax = 50;

/** One function of a file. */
export interface Length {
  readonly name: string;
  readonly lines: number;
  /** Its body is a list of tests, which has no logic of its own to be too long. */
  readonly listsTests: boolean;
}

/** A text's lines. */
export const linesOf = (text: string): number => text.trimEnd().split('\n').length;

/** Files and functions that are too long to be read at once. */
export function tooLong(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, text, parsed }) => [
    ...(linesOf(text) > fileLinesMax ? [`${path} has ${linesOf(text)} lines; ${fileLinesMax} are allowed`] : []),
    ...functionsOf(parsed)
      .filter(({ lines, listsTests }) => lines > functionLinesMax && !listsTests)
      .map(({ name, lines }) => `${path} ${name} has ${lines} lines; ${functionLinesMax} are allowed`),
  ]);
}

/** The functions of a file and their lengths. */
export function functionsOf(parsed: ts.SourceFile): readonly Length[] {
  const lineAt = (place: number) => parsed.getLineAndCharacterOfPosition(place).line;
  return [...nodesOf(parsed)].filter(hasBody).map((node) => ({
    name: nameOf(node) ?? `the function at line ${lineAt(node.getStart(parsed)) + 1}`,
    lines: lineAt(node.getEnd()) - lineAt(node.getStart(parsed)) + 1,
    listsTests: /^\s*(test|it|describe)(\.\w+)*[(<]/m.test(node.getText(parsed)),
  }));
}

const hasBody = (node: ts.Node): node is ts.FunctionLikeDeclaration => ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;

function nameOf(node: ts.FunctionLikeDeclaration): string | undefined {
  const { parent } = node;
  const holder =
    ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent) ? parent.name : undefined;
  return (node.name ?? holder)?.getText();
}
