import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import { assert } from '#base';
import { resolveFields } from './fields.ts';
import { completeList } from './lists.ts';
import type { Completion, Field, Leaf } from './run.ts';
import { isPromiseLike } from './values.ts';

/** The fields that are asked for of an object, worked out when there is one of its type. */
export type Subfields = (type: GraphQLObjectType) => readonly Field[];

/** How values of a type are completed. */
export function completionOf(schema: GraphQLSchema, type: GraphQLOutputType, subfields: Subfields): Completion {
  const leaf = leafOf(type);
  if (leaf) return leaf;
  if (isNonNullType(type)) return completeNonNull(completionOf(schema, type.ofType, subfields));
  const complete = completionOfValue(schema, type, subfields);
  return (run, field, value, path, info) => {
    if (value instanceof Error) throw value;
    return value === null || value === undefined ? null : complete(run, field, value, path, info);
  };
}

/** How values of a type are completed that has nothing below it; undefined where it has. */
export function leafOf(type: GraphQLOutputType): Leaf | undefined {
  const of = getNullableType(type);
  if (!isLeafType(of)) return undefined;
  const leaf = leaves.get(type) ?? completeLeaf(of, isNonNullType(type));
  leaves.set(type, leaf);
  return leaf;
}

/** Every field of such a type is completed alike. */
const leaves = new WeakMap<GraphQLOutputType, Leaf>();

function completionOfValue(schema: GraphQLSchema, type: GraphQLOutputType, subfields: Subfields): Completion {
  if (isListType(type)) return completeList(type.ofType, completionOf(schema, type.ofType, subfields));
  if (isAbstractType(type)) return completeAbstract(schema, type, subfields);
  assert(isObjectType(type), `${type} is no type of a field.`);
  return completeObject(type, subfields);
}

function completeNonNull(complete: Completion): Completion {
  return (run, field, value, path, info) => complete(run, field, value, path, info) ?? notNull(field);
}

function notNull({ parentType, name }: Field): never {
  throw new Error(`Cannot return null for non-nullable field ${parentType}.${name}.`);
}

function completeLeaf(type: GraphQLLeafType, isNonNull: boolean): Leaf {
  return (_, field, value) => {
    if (value instanceof Error) throw value;
    if (value === null || value === undefined) return isNonNull ? notNull(field) : null;
    const coerced = type.coerceOutputValue(value);
    if (coerced !== null && coerced !== undefined) return coerced;
    const call = `\`${inspect(type)}.coerceOutputValue(${inspect(value)})\``;
    throw new Error(`Expected ${call} to return non-nullable value, returned: ${inspect(coerced)}`);
  };
}

function completeObject(type: GraphQLObjectType, subfields: Subfields): Completion {
  let fields: readonly Field[] | undefined;
  const complete: Completion = (run, _, value, path) => {
    fields ??= subfields(type);
    return resolveFields(run, fields, value, path);
  };
  if (!type.isTypeOf) return complete;
  const { isTypeOf } = type;
  return (run, field, value, path, info) => {
    const completeIf = (isOne: boolean): unknown => {
      if (!isOne) throw new GraphQLError(`Expected value of type "${type}" but got: ${inspect(value)}.`, { nodes: field.nodes });
      return complete(run, field, value, path, info);
    };
    const isOne = isTypeOf.call(type, value, run.context, info);
    if (!isPromiseLike(isOne)) return completeIf(isOne);
    return isOne.then((settled) => {
      run.goOn();
      return completeIf(settled);
    });
  };
}

function completeAbstract(schema: GraphQLSchema, type: GraphQLAbstractType, subfields: Subfields): Completion {
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const known = new Map<unknown, Completion>();
  const completionAs = (name: unknown, field: Field, value: unknown, info: GraphQLResolveInfo): Completion => {
    const complete = known.get(name) ?? completeObject(objectType(schema, type, name, field, value, info), subfields);
    known.set(name, complete);
    return complete;
  };
  return (run, field, value, path, info) => {
    const name = resolveType.call(type, value, run.context, info, type);
    if (!isPromiseLike(name)) return completionAs(name, field, value, info)(run, field, value, path, info);
    return name.then((settled) => {
      run.goOn();
      return completionAs(settled, field, value, info)(run, field, value, path, info);
    });
  };
}

/** The object type of this name; a fault where it is none of the abstract type's, in graphql-js's own words. */
function objectType(
  schema: GraphQLSchema,
  type: GraphQLAbstractType,
  name: unknown,
  { nodes }: Field,
  value: unknown,
  { parentType, fieldName }: GraphQLResolveInfo,
): GraphQLObjectType {
  const must = `Abstract type "${type}" must resolve to an Object type at runtime for field "${parentType}.${fieldName}"`;
  if (name === null || name === undefined) {
    const either = `Either the "${type}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`;
    throw new GraphQLError(`${must}. ${either}`, { nodes });
  }
  if (typeof name !== 'string') {
    throw new GraphQLError(`${must} with value ${inspect(value)}, received "${inspect(name)}", which is not a valid Object type name.`);
  }
  const resolved = schema.getType(name);
  const was = `Abstract type "${type}" was resolved to a`;
  if (!resolved) throw new GraphQLError(`${was} type "${name}" that does not exist inside the schema.`, { nodes });
  if (!isObjectType(resolved)) throw new GraphQLError(`${was} non-object type "${name}".`, { nodes });
  if (!schema.isSubType(type, resolved)) {
    throw new GraphQLError(`Runtime Object type "${resolved}" is not a possible type for "${type}".`, { nodes });
  }
  return resolved;
}
