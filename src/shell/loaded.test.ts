import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** The packages that a process of its own loads with some modules. */
async function packagesOf(...modules: readonly string[]): Promise<readonly string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
    for (const one of ${JSON.stringify(modules.map((one) => join(root, 'src', one)))}) await import(one);
    console.log(JSON.stringify(urls));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
  const found = (JSON.parse(stdout) as string[]).map((url) => /node_modules\/((@[^/]+\/)?[^/]+)\/(?!.*package\.json$)/.exec(url)?.[1]);
  return [...new Set(found.filter((name) => name !== undefined))];
}

describe('a start', () => {
  it("has the writer's thread load no GraphQL, for the application's module neither", async () => {
    const packages = await packagesOf('shell/writer.ts', 'shop/index.ts');
    expect(packages).toEqual(expect.arrayContaining(['better-sqlite3', 'zod']));
    expect(packages.filter((name) => /graphql|pothos|pino|commander/.test(name))).toEqual([]);
  });

  it('has what answers load it', async () => {
    expect(await packagesOf('shell/api.ts')).toEqual(expect.arrayContaining(['graphql', 'graphql-yoga', '@pothos/core']));
  });
});
