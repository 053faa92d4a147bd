import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileRelay, textsIn } from './relay-compiler.ts';

const schema = readFileSync(join(import.meta.dirname, '../../schema/schema.graphql'), 'utf8');
const documents = readFileSync(join(import.meta.dirname, 'relay.graphql'), 'utf8');
const folder = join(import.meta.dirname, '../generated/relay');

test('relay-compiler accepts the SDL, and its artifacts here are those that it makes', async () => {
  const { code, out, err, artifacts } = await compileRelay(schema, documents);
  expect(code, out + err).toBe(0);
  mkdirSync(folder, { recursive: true });
  const before = textsIn(folder);
  if (JSON.stringify(before) !== JSON.stringify(artifacts)) {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    for (const [name, text] of Object.entries(artifacts)) writeFileSync(join(folder, name), text);
  }
  expect(before, 'The artifacts were older. They have been rewritten: look at them and commit them.').toEqual(artifacts);
});

test('relay-compiler would not accept a connection that is none', async () => {
  const { code, out, err } = await compileRelay(schema.replaceAll('pageInfo: PageInfo!', 'pages: PageInfo!'), documents);
  expect([code, out + err]).toEqual([1, expect.stringContaining('pageInfo')]);
});
