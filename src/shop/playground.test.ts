import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '#schema';
import { limits } from '#varve';
import { shop } from './index.ts';

test("GraphiQL's first tab fits the schema and the server's limits", () => {
  const document = parse(shop.playground, { maxTokens: limits.documentTokensMax });
  expect(validate(buildSchema(shop), document)).toEqual([]);
  // What is read in a narrow window is not cut off.
  expect(shop.playground.split('\n').filter((line) => line.startsWith('#') && line.length > 50)).toEqual([]);
  expect(shop.playground.length).toBeLessThan(limits.documentLengthMax);
});
