import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  buildSchema as buildClientSchema,
  findBreakingChanges,
  type GraphQLNamedType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { codecOf } from '#command';
import { buildSchema, eventShapes, printSdl } from '#schema';
import { contractComplaints } from '#shell';
import { shop } from '#shop';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const contractFile = file('../../shared/contract/shop.graphql');
const hasContract = existsSync(contractFile);
if (!hasContract) console.warn("The clients' contract, ../shared/contract/shop.graphql, is not here: its test is skipped.");

const schema = buildSchema(shop);

describe("the shop's API", () => {
  test.skipIf(!hasContract)('keeps the contract that outside clients rely on', () => {
    expect(findBreakingChanges(buildClientSchema(readFileSync(contractFile, 'utf8')), schema)).toEqual([]);
  });

  test('a broken contract would be seen', () => {
    const more = buildClientSchema(printSdl(schema).replace('  total: Decimal!', '  total: Decimal!\n  discount: Decimal!'));
    expect(findBreakingChanges(more, schema).map(({ description }) => description)).toEqual(['Field Order.discount was removed.']);
  });

  test('is the committed schema/schema.graphql', () => {
    expect(printSdl(schema), 'run `npm run schema` and review the difference').toBe(readFileSync(file('../schema/schema.graphql'), 'utf8'));
  });

  test('events have the committed shapes of schema/events.json', () => {
    expect(`${JSON.stringify(eventShapes(codecOf(shop)), null, 2)}\n`, 'run `npm run schema` and review the difference').toBe(
      readFileSync(file('../schema/events.json'), 'utf8'),
    );
  });

  test('reads every event as it was ever committed', async () => {
    expect((await contractComplaints(shop, file('../schema'))).join('\n\n')).toBe('');
  });

  test('describes every type, field and argument', () => {
    expect(undescribed()).toEqual([]);
  });
});

interface Described {
  readonly name: string;
  readonly description?: string | null | undefined;
}

function undescribed(): readonly string[] {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type));
  return types.flatMap((type) =>
    [type, ...partsOf(type)].filter(({ description }) => !description).map(({ name }) => `${type.name} ${name}`),
  );
}

function partsOf(type: GraphQLNamedType): readonly Described[] {
  if (isInputObjectType(type)) return Object.values(type.getFields());
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [field, ...field.args]);
}
