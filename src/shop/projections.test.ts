import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ts } from 'ts-morph';
import { expect, test } from 'vitest';
import { dailySalesFromEvents } from './dailysales/projector.ts';
import { ordersFromEvents } from './order/projector.ts';
import { productsFromEvents } from './product/projector.ts';
import { usersFromEvents } from './user/projector.ts';

const file = join(import.meta.dirname, '../../schema/projections.json');
const projections = {
  'dailysales/projector.ts': dailySalesFromEvents,
  'order/projector.ts': ordersFromEvents,
  'product/projector.ts': productsFromEvents,
  'user/projector.ts': usersFromEvents,
};

/** What a projection is made of: its revision, and a hash of its module's code and of all that it imports from beside it. */
interface Made {
  readonly revision: number;
  readonly code: string;
}

const printer = ts.createPrinter({ removeComments: true });

/** The code of a module and of its relative imports, each once, without comments and as one printer writes it. */
function codeOf(path: string, read: (path: string) => string, seen = new Map<string, string>()): ReadonlyMap<string, string> {
  const parsed = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest);
  seen.set(path, printer.printFile(parsed));
  for (const statement of parsed.statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
    const name = statement.moduleSpecifier;
    if (!name || !ts.isStringLiteral(name) || !name.text.startsWith('.')) continue;
    const imported = join(dirname(path), name.text);
    if (!seen.has(imported)) codeOf(imported, read, seen);
  }
  return seen;
}

function hashOf(path: string, read: (path: string) => string): string {
  const code = [...codeOf(path, read)].sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(code)).digest('hex').slice(0, 16);
}

/** What is wrong where the code is another than the one that the revision was given to; undefined where nothing is. */
function complaint(table: string, kept: Made | undefined, now: Made): string | undefined {
  if (!kept || kept.code === now.code || kept.revision < now.revision) return undefined;
  return (
    `The code that the projection of ${table} stands on has changed. A read table's hash sees its answers alone, not the functions that they call: ` +
    `where rows would come out otherwise, raise its revision: projection(…, { revision: ${kept.revision + 1} }). ` +
    `Where they come out the same, write "code": "${now.code}" for it into schema/projections.json.`
  );
}

const here = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8');

test('a projection whose helpers changed has a raised revision', () => {
  const kept: Record<string, Made> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const made = Object.entries(projections).map(
    ([path, { table, revision }]) => [table.name, { revision, code: hashOf(path, here) }] as const,
  );
  expect(made.flatMap(([table, now]) => complaint(table, kept[table], now) ?? [])).toEqual([]);
  const text = `${JSON.stringify(Object.fromEntries(made), null, 2)}\n`;
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text !== before) writeFileSync(file, text);
  expect(before, 'schema/projections.json was out of date. It has been rewritten: look at it and commit it.').toBe(text);
});

test('a changed helper would be seen, a comment would not', () => {
  const was = hashOf('order/projector.ts', here);
  const doctored = (from: string, to: string) =>
    hashOf('order/projector.ts', (path) => (path === 'order/line.ts' ? here(path).replace(from, to) : here(path)));
  expect(here('order/line.ts')).toContain('export ');
  expect(doctored('export ', '// Why.\n\nexport ')).toBe(was);
  const other = doctored('export ', 'const more = 1;\nexport ');
  expect(other).not.toBe(was);
  expect(complaint('orders', { revision: 1, code: was }, { revision: 1, code: other })).toContain('raise its revision');
  expect(complaint('orders', { revision: 1, code: was }, { revision: 2, code: other })).toBeUndefined();
});
