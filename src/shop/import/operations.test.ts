import { existsSync, readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { documents } from './operations.ts';

const contract = new URL('../../../../shared/contract/shop.graphql', import.meta.url);
const present = existsSync(contract);
if (!present) console.warn(`Skipped: the shop's contract is not there (${contract.pathname}).`);

test.skipIf(!present)('every mutation fits the shop’s contract', () => {
  const schema = buildSchema(readFileSync(contract, 'utf8'));
  for (const document of [...Object.values(documents), '{ position }']) expect(validate(schema, parse(document))).toEqual([]);
});
