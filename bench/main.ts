/**
 * `npm run bench`: measures every figure that is asked for, and draws docs/benchmarks.svg; `npm run bench -- all`: the other benches too;
 * `npm run bench -- NAME…`: these. Tables are printed in Markdown, as they stand in docs/benchmarks.md. Bounded by ROUNDS, SECONDS and EVENTS.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bounds } from './bounds.ts';
import { type Bench, circumstances, figuresOf, type Measured, printAsked } from './figures.ts';
import { plot } from './plot.ts';

const benches: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  http: () => import('./http.ts'),
  commands: () => import('./commands.ts'),
  queries: () => import('./queries.ts'),
  growth: () => import('./growth.ts'),
  journal: () => import('./journal.ts'),
  postgres: () => import('./postgres.ts'),
  live: () => import('./live/main.ts'),
};

/** Those whose figures the plot shows. */
const plotted = ['http', 'commands', 'queries', 'growth'];

const named = process.argv.slice(2).flatMap((name) => (name === 'all' ? Object.keys(benches) : [name]));
const wanted = named.length === 0 ? plotted : named;
const unknown = named.filter((name) => benches[name] === undefined);
if (unknown.length > 0 || Object.values(bounds).some((bound) => !(bound > 0))) {
  console.error(
    unknown.length > 0
      ? `There is no bench ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}; all.`
      : 'ROUNDS, SECONDS and EVENTS are numbers above 0.',
  );
  process.exit(2);
}
console.log(circumstances());
let measured: Measured = {};
for (const [name, load] of Object.entries(benches)) {
  if (!wanted.includes(name)) continue;
  const { bench } = await load();
  const started = performance.now();
  measured = { ...measured, ...(await bench()) };
  console.log(`\n(${name} took ${Math.round((performance.now() - started) / 1000)} s.)`);
}
printAsked(figuresOf(measured));
if (plotted.every((name) => wanted.includes(name))) {
  const file = join(import.meta.dirname, '../docs/benchmarks.svg');
  writeFileSync(file, plot(measured));
  console.log('\nThe plot is in docs/benchmarks.svg.');
}
