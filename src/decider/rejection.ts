import { z } from 'zod';

/** A refused command: an expected answer, a value, never an exception (P8). */
export interface Refusal {
  /** The rejection's name, which is its GraphQL type: `OutOfStock`. */
  readonly rejection: string;
  /** UPPER_SNAKE_CASE, stable: clients switch on it. */
  readonly code: string;
  /** One sentence for a person. */
  readonly message: string;
  /** The rejection's own fields. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A kind of refusal. */
export interface Rejection<Fields extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly code: string;
  readonly description: string;
  readonly fields: Fields;
  refuse(data: z.output<Fields>): Refusal;
}

/**
 * Declares why a command may be refused.
 *
 * @param name its GraphQL type; the code is the same in UPPER_SNAKE_CASE
 * @param fields what it carries beside code and message
 */
export function rejection<const F extends z.ZodRawShape>(
  name: string,
  fields: F,
  message: (data: z.output<z.ZodObject<F>>) => string,
  description = '',
): Rejection<z.ZodObject<F>> {
  const code = name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase();
  return {
    name,
    code,
    description,
    fields: z.object(fields),
    refuse: (data) => ({ rejection: name, code, message: message(data), data: { ...data } }),
  };
}

/** One fault of an input: where, and what rule it breaks. */
export interface Issue {
  readonly path: readonly string[];
  readonly message: string;
}

/** The input broke a rule of its own: one entry a fault. */
export const InvalidInput = rejection(
  'InvalidInput',
  {
    issues: z
      .array(
        z
          .object({
            path: z.array(z.string()).describe('Where in the input: field names and list indexes.'),
            message: z.string().describe('Which rule it breaks.'),
          })
          .meta({ graphql: 'InputIssue', description: 'One fault of an input.' }),
      )
      .describe('One entry a fault.'),
  },
  ({ issues }) =>
    issues.length === 1
      ? `The input has a fault: ${issues[0]?.path.join('.')} ${issues[0]?.message}.`
      : `The input has ${issues.length} faults.`,
  'The input broke a rule of its own: one entry a fault.',
);

/** `expectedVersion` was given and the aggregate has moved on. */
export const VersionConflict = rejection(
  'VersionConflict',
  { expected: z.int().describe('The version that was expected.'), actual: z.int().describe('The version that the aggregate has.') },
  ({ expected, actual }) => `Version ${expected} was expected; the aggregate is at version ${actual}.`,
  '`expectedVersion` was given and the aggregate has moved on.',
);

/** The same commandId came before with another input. */
export const CommandIdReused = rejection(
  'CommandIdReused',
  { commandId: z.string().meta({ graphql: 'ID' }).describe('The id that was used twice.') },
  ({ commandId }) => `The commandId ${JSON.stringify(commandId)} came before with another input.`,
  'The same commandId came before with another input.',
);

/** Any command may be refused for these. */
export const commonRejections: readonly Rejection[] = [InvalidInput, VersionConflict, CommandIdReused];
