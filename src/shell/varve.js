#!/usr/bin/env node
// Plain JavaScript that any Node reads: better-sqlite3 crashes on an old one, and that must be a sentence, not a core dump.
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const fits = major >= 26 || major === 24 || (major === 22 && minor >= 18);

if (fits) {
  // Compiled code is kept between starts: half of a start is reading packages. By the environment it is kept for the writer's thread too.
  const { directory } = module.enableCompileCache?.() ?? {};
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE = directory;
  await import('./cli.ts');
} else {
  console.error(
    `varve: Node ${process.versions.node} is too old or not supported: it runs on 22.18 or later, 24, and 26 or later.\n` +
      'Start it with `npm run varve -- COMMAND` (or `npm start`), which brings its own Node.',
  );
  process.exitCode = 2;
}
