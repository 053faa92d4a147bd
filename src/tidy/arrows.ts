import { folderOf, isTest, type Source } from './sources.ts';

/** Which folders a folder may import; the tree of docs/architecture.md. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  base: [],
  event: ['base'],
  decider: ['base', 'event'],
  eventstore: ['base', 'event'],
  readtable: ['base'],
  projector: ['base', 'event', 'eventstore', 'readtable'],
  livestream: ['base', 'event', 'eventstore', 'projector', 'readtable'],
  command: ['base', 'decider', 'event', 'eventstore', 'projector', 'readtable'],
  schema: ['base', 'command', 'decider', 'event', 'eventstore', 'livestream', 'projector', 'readtable'],
  server: ['base'],
  shell: ['base', 'command', 'decider', 'event', 'eventstore', 'livestream', 'projector', 'readtable', 'schema', 'server', 'shop'],
  shop: [],
  tidy: [],
};

/** What the pure folders may take from outside: nothing that reads a clock, a disk or a network. */
const pureFolders: Readonly<Record<string, readonly string[]>> = {
  event: ['zod'],
  decider: ['zod'],
  projector: ['lru-cache'],
  livestream: [],
};

const own = (imported: string) => imported.startsWith('src/');

/** Folders see only what the tree says, and only through its entry point. */
export function wrongArrows(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.filter(own).flatMap((imported) => {
      const from = folderOf(path);
      const to = folderOf(imported);
      if (!path.startsWith('src/') || from === to || from === '') return [];
      if (imported.endsWith('.fixture.ts') && isTest(path)) return [];
      if (to !== '' && !imported.endsWith(`${to}/index.ts`)) return [`${path} imports ${imported}: import #${to} instead`];
      if (imported === 'src/index.ts' ? from === 'shop' || isTest(path) : arrows[from]?.includes(to) || isTest(path)) return [];
      return [`${path} imports ${to || '#varve'}: ${from} may see ${arrows[from]?.join(', ') || 'nothing'}`];
    }),
  );
}

/** Deciders, folds, projections and streams have no I/O to reach for. */
export function impureImports(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, imports }) => {
    const allowed = pureFolders[folderOf(path)];
    if (!allowed || isTest(path)) return [];
    return imports
      .filter((name) => !own(name) && !allowed.includes(name))
      .map((name) => `${path} imports ${name}: ${folderOf(path)} is pure; take it as a parameter`);
  });
}

/** No file reaches itself by its imports, type imports included. */
export function cycles(sources: readonly Source[]): readonly string[] {
  const graph = new Map(sources.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

/** Every file is reached from an entry: the public API, a program, a test. */
export function unreached(sources: readonly Source[], programs: readonly string[]): readonly string[] {
  const graph = new Map(sources.map(({ path, imports }) => [path, imports]));
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const next of graph.get(path) ?? []) visit(next);
  };
  for (const path of graph.keys()) if (programs.includes(path) || path.endsWith('.test.ts')) visit(path);
  return [...graph.keys()].filter((path) => !reached.has(path)).map((path) => `${path} is reached from nowhere: delete it`);
}
