import { ts } from 'ts-morph';
import { folderOf, isTest, type Source } from './sources.ts';

/** Exports of the framework that do not say what they mean: all of them, since the public API hands on their types. */
export function undocumented(sources: readonly Source[]): readonly string[] {
  return sources
    .filter(({ path }) => !isTest(path) && !['tidy', 'shop', ''].includes(folderOf(path)) && !path.endsWith('/index.ts'))
    .flatMap(({ path, parsed }) => silentExports(parsed).map((name) => `${path} exports ${name} without saying what it means`));
}

function silentExports(parsed: ts.SourceFile): readonly string[] {
  const listed = new Set(parsed.statements.flatMap(listedBy));
  // Of a value and its type, and of overloads, it is enough that one says it.
  const said = new Set(parsed.statements.filter(isDocumented).flatMap(namesOf));
  const exported = parsed.statements.flatMap((statement) => namesOf(statement).filter((name) => isExported(statement) || listed.has(name)));
  return [...new Set(exported)].filter((name) => !said.has(name));
}

const isDocumented = (statement: ts.Statement) => ts.getJSDocCommentsAndTags(statement).length > 0;

const isExported = (statement: ts.Statement) =>
  ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

/** What `export { a, b }` names, where it hands on the file's own. */
function listedBy(statement: ts.Statement): readonly string[] {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier) return [];
  const { exportClause } = statement;
  return exportClause && ts.isNamedExports(exportClause)
    ? exportClause.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
    : [];
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText());
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed ? [statement.name?.text ?? 'its default'] : [];
}
