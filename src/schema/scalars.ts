import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { assert, type Decimal, formatDecimal, type Position, parsePosition } from '#base';
import type { Builder } from './builder.ts';
import { asGraphQLError } from './faults.ts';

const wrong = (type: string, what: string): GraphQLError => new GraphQLError(`${type} ${what}`, { extensions: { code: 'BAD_USER_INPUT' } });

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw wrong(name, `is sent as a string; this is a ${value === null ? 'null' : typeof value}.`);
}

function literalText(name: string, node: ValueNode): string {
  if (node.kind === Kind.STRING) return node.value;
  throw wrong(name, `is sent as a string, in quotes; this is a ${node.kind}.`);
}

/** Sent as text and left as it is: whoever takes it reads it, so that a command answers `InvalidInput` with the fault's path. */
const textScalar = <T>(name: string, description: string, isOne: (value: unknown) => value is T, format: (value: T) => string) =>
  new GraphQLScalarType<string, string>({
    name,
    description,
    serialize: (value) => {
      // Text is a default value of an input: it has its outer form already.
      if (typeof value === 'string') return value;
      if (isOne(value)) return format(value);
      assert(false, `${String(value)} is no ${name}.`);
    },
    parseValue: (value) => textOf(name, value),
    parseLiteral: (node) => literalText(name, node),
  });

const dateTime = textScalar(
  'DateTime',
  'RFC 3339, UTC.',
  (value): value is Date => value instanceof Date,
  (date) => date.toISOString().replace('.000Z', 'Z'),
);

const decimal = textScalar(
  'Decimal',
  'A decimal number as a string, such as "12.50", exact to 4 fraction digits, at least 2 shown; never a float.',
  (value): value is Decimal => Number.isSafeInteger(value),
  formatDecimal,
);

const digitsOf = (value: unknown): string => (typeof value === 'number' ? String(value) : textOf('Position', value));

const position = new GraphQLScalarType<Position, string>({
  name: 'Position',
  description: `A place in the event log: digits, contiguous from 1, identical on SQLite and PostgreSQL.
Comparable as an integer; transported as a string because it may pass 2^53.`,
  serialize: String,
  parseValue: (value) => asGraphQLError(() => parsePosition(digitsOf(value))),
  // From the literal's own text: read as a number first, a long one would silently become another.
  parseLiteral: (node) => asGraphQLError(() => parsePosition(node.kind === Kind.INT ? node.value : literalText('Position', node))),
});

const json = new GraphQLScalarType<unknown, unknown>({ name: 'JSON', description: 'Any JSON value.' });

/** Adds the scalars that GraphQL does not have itself. */
export function addScalars(builder: Builder): void {
  builder.addScalarType('Position', position);
  builder.addScalarType('DateTime', dateTime);
  builder.addScalarType('Decimal', decimal);
  builder.addScalarType('JSON', json);
}
