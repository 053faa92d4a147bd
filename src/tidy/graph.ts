import type { Source } from './sources.ts';

const graphOf = (sources: readonly Source[]) => new Map(sources.map(({ path, imports }) => [path, imports]));

/** No file reaches itself by its imports, type imports included. */
export function cycles(sources: readonly Source[]): readonly string[] {
  const graph = graphOf(sources);
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

/** Every file is reached from one that something runs: the public API, a program, a test. */
export function unreached(sources: readonly Source[], programs: readonly string[]): readonly string[] {
  const graph = graphOf(sources);
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const next of graph.get(path) ?? []) visit(next);
  };
  for (const path of graph.keys()) if (programs.includes(path) || path.endsWith('.test.ts')) visit(path);
  return [...graph.keys()].filter((path) => !reached.has(path)).map((path) => `${path} is reached from nowhere: delete it`);
}
