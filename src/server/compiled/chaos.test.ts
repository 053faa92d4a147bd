import fc from 'fast-check';
import { GraphQLError, parse, validate, validateSubscriptionArgs } from 'graphql';
import { describe, expect, test } from 'vitest';
import { Both } from './both.fixture.ts';
import { chaosSchema } from './chaos.fixture.ts';
import { documentOf } from './documents.fixture.ts';

const choices = fc.array(fc.nat(1_000), { minLength: 20, maxLength: 120 });
const runs = { numRuns: 150, seed: 17 };

describe('resolvers that do whatever they may are answered for as by graphql-js', () => {
  test.each(['query', 'mutation', 'subscription'] as const)('%s', async (operation) => {
    const seen = { valid: 0, failed: 0, later: 0 };
    await fc.assert(
      fc.asyncProperty(choices, fc.nat(50), async (numbers, seed) => {
        const schema = chaosSchema(seed);
        const { document, variables } = documentOf(schema, operation, numbers);
        const parsed = parse(document);
        fc.pre(validate(schema, parsed).length === 0);
        seen.valid += 1;
        const text = await executed(new Both(schema), { schema, document: parsed, variableValues: variables }, operation);
        if (text.includes('"errors"')) seen.failed += 1;
        if (text.startsWith('later')) seen.later += 1;
      }),
      { ...runs, maxSkipsPerRun: 1_000 },
    );
    // The documents are worth executing.
    expect(seen.valid).toBeGreaterThanOrEqual(runs.numRuns);
    expect(seen.failed).toBeGreaterThan(runs.numRuns / 10);
    expect(seen.later).toBeGreaterThan(runs.numRuns / 10);
  });
});

type Args = Parameters<typeof validateSubscriptionArgs>[0];

async function executed(both: Both, args: Args, operation: string): Promise<string> {
  if (operation !== 'subscription') return both.execute(() => ({ ...args, options: { maxCoercionErrors: 2 } }));
  const validated = validateSubscriptionArgs(args);
  return 'schema' in validated ? both.executeMessage({ ...validated, rootValue: {} }) : String(validated[0] instanceof GraphQLError);
}
