import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse, print } from 'graphql';
import { type Ended, run, temporaryFolder } from '../server-process.ts';

/** What Relay's compiler made, and what it said. */
export interface Compiled extends Ended {
  /** Its artifacts: text by file name. */
  readonly artifacts: Readonly<Record<string, string>>;
}

const require = createRequire(import.meta.url);
const options = {
  language: 'typescript',
  eagerEsModules: true,
  useImportTypeSyntax: true,
  customScalarTypes: { DateTime: 'string', Decimal: 'string', JSON: 'unknown', Position: 'string' },
};

/** Runs Relay's compiler over a schema and documents, in a folder of its own. Their names begin with `shop`, as those of a module `shop.ts` do. */
export async function compileRelay(schema: string, documents: string): Promise<Compiled> {
  using folder = temporaryFolder();
  const at = (...path: readonly string[]) => join(folder.path, ...path);
  for (const name of ['src', 'artifacts']) mkdirSync(at(name));
  writeFileSync(at('schema.graphql'), schema);
  const config = { src: at('src'), schema: at('schema.graphql'), artifactDirectory: at('artifacts'), ...options };
  writeFileSync(at('relay.config.json'), JSON.stringify(config));
  const tagged = parse(documents).definitions.map((definition) => `graphql\`${print(definition)}\`;\n`);
  writeFileSync(at('src/shop.ts'), `import { graphql } from 'relay-runtime';\n${tagged.join('')}`);
  const ended = await run(process.execPath, require.resolve('relay-compiler/cli.js'), at('relay.config.json'));
  return { ...ended, artifacts: textsIn(at('artifacts')) };
}

/** The files of a folder. */
export function textsIn(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
