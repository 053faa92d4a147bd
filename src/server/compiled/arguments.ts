import {
  type ArgumentNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  getArgumentValues,
  isNonNullType,
  isRequiredArgument,
  Kind,
  type ValueNode,
  type VariableValues,
} from 'graphql';
import type { Field } from './run.ts';
import { Bare } from './values.ts';

/** One argument: the value of a variable, or what it is each time. */
interface Source {
  readonly name: string;
  readonly variable?: string;
  /** What a variable may not be. */
  readonly isNullable?: boolean;
  /** With a variable: where it was not given. */
  readonly value?: unknown;
}

const noArguments: Field['argumentsOf'] = () => new Bare();
const none: VariableValues = { sources: {}, coerced: {} };

/**
 * How a field's arguments are read. What stands in the document, and is no list or object that a resolver could alter, is read once; a variable
 * that is an argument of its own was coerced with the others. All else, and all that is amiss, is graphql-js's each time.
 */
export function argumentsOf(definition: GraphQLField<unknown, unknown>, node: FieldNode): Field['argumentsOf'] {
  if (definition.args.length === 0) return noArguments;
  const coerce: Field['argumentsOf'] = (variables) => getArgumentValues(definition, node, variables);
  const sources: Source[] = [];
  for (const argument of definition.args) {
    const given = node.arguments?.find(({ name }) => name.value === argument.name);
    const source = sourceOf(definition, argument, node, given);
    if (source === 'coerce') return coerce;
    if (source) sources.push(source);
  }
  return (variables) => {
    const values = new Bare();
    for (const { name, variable, isNullable, value } of sources) {
      const sent = variable !== undefined && Object.hasOwn(variables.coerced, variable) ? variables.coerced[variable] : value;
      // Here graphql-js has an error to tell.
      if (isNullable === false && (sent === null || sent === undefined)) return coerce(variables);
      if (sent !== undefined) values[name] = sent;
    }
    return values;
  };
}

/** undefined: there is nothing to say of it. */
function sourceOf(
  definition: GraphQLField<unknown, unknown>,
  argument: GraphQLArgument,
  node: FieldNode,
  given: ArgumentNode | undefined,
): Source | 'coerce' | undefined {
  const { name } = argument;
  const isVariable = given?.value.kind === Kind.VARIABLE;
  if (given && !isVariable && hasVariables(given.value)) return 'coerce';
  const literal = given && !isVariable ? [given] : [];
  if (isRequiredArgument(argument) && literal.length === 0) {
    return isVariable ? { name, variable: variableOf(given), isNullable: false } : 'coerce';
  }
  const value = constant(argument, definition, { ...node, arguments: literal });
  if (value === unsure) return 'coerce';
  if (isVariable) return { name, variable: variableOf(given), isNullable: !isNonNullType(argument.type), value };
  return value === undefined ? undefined : { name, value };
}

const variableOf = ({ value }: ArgumentNode): string => (value.kind === Kind.VARIABLE ? value.name.value : '');

const unsure = Symbol('not the same each time, or an error');

/** What an argument is where no variable says it. */
function constant(argument: GraphQLArgument, definition: GraphQLField<unknown, unknown>, node: FieldNode): unknown {
  try {
    const alone: typeof definition = Object.create(definition, { args: { value: [argument] } });
    const value = getArgumentValues(alone, node, none)[argument.name];
    return typeof value === 'object' && value !== null ? unsure : value;
  } catch {
    return unsure;
  }
}

function hasVariables(node: ValueNode): boolean {
  if (node.kind === Kind.LIST) return node.values.some(hasVariables);
  if (node.kind === Kind.OBJECT) return node.fields.some(({ value }) => hasVariables(value));
  return node.kind === Kind.VARIABLE;
}
