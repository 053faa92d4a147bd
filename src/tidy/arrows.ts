import { folderOf, isTest, type Source } from './sources.ts';

const framework = [
  'application',
  'base',
  'command',
  'decider',
  'event',
  'eventstore',
  'livestream',
  'projector',
  'reaction',
  'readtable',
  'schema',
  'server',
];

/** Which folders a folder may import; the tree of docs/architecture.md. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  base: [],
  event: ['base'],
  decider: ['base', 'event'],
  eventstore: ['base', 'event'],
  readtable: ['base'],
  reaction: ['base', 'event', 'eventstore'],
  projector: ['base', 'event', 'eventstore', 'readtable'],
  livestream: ['base', 'event', 'eventstore', 'projector', 'readtable'],
  command: ['base', 'decider', 'event', 'eventstore', 'projector', 'readtable'],
  application: ['base', 'decider', 'projector', 'reaction', 'readtable'],
  schema: ['application', 'base', 'command', 'decider', 'event', 'eventstore', 'livestream', 'projector', 'readtable'],
  server: ['base', 'livestream', 'readtable'],
  shell: [...framework, 'shop'],
  shop: ['#varve'],
  tidy: [],
  '#varve': [...framework, 'shell'],
};

/** Packages that the folders without I/O may take: nothing that reads a clock, a disk or a network. */
const pure: readonly (readonly [folder: RegExp, packages: readonly string[]])[] = [
  [/^src\/(event|decider)\//, ['zod']],
  [/^src\/projector\//, ['lru-cache']],
  [/^src\/livestream\//, []],
  [/^src\/shop\/(?!import\/)/, ['zod']],
];

const isOurs = (imported: string) => imported.startsWith('src/');
const nodeOf = (path: string) => (path === 'src/index.ts' ? '#varve' : folderOf(path));

/** Folders see only what the tree says. Tests, benches and examples see every folder's entry point, and their own folder. */
export function wrongArrows(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, imports }) => {
    const from = nodeOf(path);
    const seen = arrows[from];
    if (path.startsWith('src/') && from !== '' && !seen) return [`${path} lies in ${from}/, which has no arrows: add it to the tree`];
    return imports
      .filter((imported) => isOurs(imported) && nodeOf(imported) !== from && !isTest(path) && !seen?.includes(nodeOf(imported)))
      .map((imported) => `${path} imports ${nodeOf(imported)}: ${from || path} may see ${seen?.join(', ') || 'nothing of ours'}`);
  });
}

/** A folder is entered by its `index.ts` only. A test may use another folder's fixture. */
export function deepImports(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, imports }) =>
    imports
      .filter((imported) => isOurs(imported) && nodeOf(imported) !== nodeOf(path) && !/^src\/(\w+\/)?index\.ts$/.test(imported))
      .filter((imported) => !(imported.endsWith('.fixture.ts') && isTest(path)) && !path.startsWith('src/tidy'))
      .map((imported) => `${path} imports ${imported}: import #${nodeOf(imported)} instead`),
  );
}

/** Deciders, folds, projections and streams have no I/O to reach for (P9). */
export function impureImports(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, imports }) => {
    const allowed = pure.find(([folder]) => folder.test(path))?.[1];
    if (!allowed || isTest(path)) return [];
    return imports
      .filter((name) => !isOurs(name) && !allowed.includes(name))
      .map((name) => `${path} imports ${name}: ${folderOf(path)} is pure; take what it gives as a parameter`);
  });
}
