import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** A service as the compose file of docs/examples/cluster has it, as far as that goes: https://github.com/compose-spec/compose-spec. */
export interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly user?: string;
  readonly entrypoint?: string;
  readonly command?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: string; readonly interval: string; readonly retries: number };
  readonly restart: string;
  readonly stop_grace_period?: string;
}

/** The file, its variables filled in. */
export interface Composed {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

/** Where the files for a cluster are. */
export const clusterFolder = join(import.meta.dirname, '../docs/examples/cluster');

/** The reader of YAML that comes with the code generator. */
const { parse } = createRequire(import.meta.resolve('@graphql-codegen/cli'))('yaml') as {
  parse(text: string, options: { readonly merge: boolean }): unknown;
};

/** Reads the compose file as `docker compose` does. Throws where a variable is not given and has no default. */
export function composed(variables: Readonly<Record<string, string>>): Composed {
  const text = readFileSync(join(clusterFolder, 'compose.yaml'), 'utf8');
  const filled = text.replace(/\$\{(\w+)(?:(:\?)|:-(\w+))\}/g, (_, name: string, isNeeded: string | undefined, or: string) => {
    const value = variables[name] ?? (isNeeded === undefined ? or : undefined);
    if (value === undefined) throw new Error(`${name} is not set.`);
    return value;
  });
  return parse(filled, { merge: true }) as Composed;
}
