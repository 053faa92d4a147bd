import {
  type DocumentNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  getOperationAST,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { limits } from '#base';
import { fault } from './faults.ts';
import { type Fragments, fragmentsOf, isIntrospection } from './fragments.ts';

/** An operation as it is about to be executed; its variables as they were sent. */
export interface Asked {
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

interface Cost {
  readonly data: number;
  readonly introspection: number;
}
const nothing: Cost = { data: 0, introspection: 0 };
const sum = (a: Cost, b: Cost): Cost => ({ data: a.data + b.data, introspection: a.introspection + b.introspection });
const scaled = (rows: number, cost: Cost): Cost => ({ data: rows * cost.data, introspection: rows * cost.introspection });

/**
 * Makes the check of what an operation's answer may come to: its fields, each times the rows of all the pages above it, and times so many as lists
 * are assumed to have.
 * The check throws `PAGE_TOO_LARGE` and `DOCUMENT_TOO_COSTLY`. What is not in the schema costs little; validation refuses it later.
 * Introspection may cost twice what the standard introspection query costs on this schema.
 */
export function costCheck(schema: GraphQLSchema): (asked: Asked) => void {
  const standard = costOf(schema, {
    document: parse(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, specifiedByUrl: true })),
  });
  const fixed = new WeakMap<OperationDefinitionNode, Cost>();
  return (asked) => {
    const operation = getOperationAST(asked.document, asked.operationName);
    const known = operation && fixed.get(operation);
    const { isFixed, ...cost } = known ? { ...known, isFixed: false } : costOf(schema, asked);
    // One that no variable makes larger or smaller is worked out once.
    if (operation && isFixed) fixed.set(operation, cost);
    const { data, introspection } = cost;
    if (data > limits.documentCostMax) {
      throw fault(
        'DOCUMENT_TOO_COSTLY',
        `The answer may come to ${data} fields, pages multiplied out; ${limits.documentCostMax} are allowed.`,
      );
    }
    if (introspection > 2 * standard.introspection) throw fault('DOCUMENT_TOO_COSTLY', 'The document introspects too much at a time.');
  };
}

function costOf(schema: GraphQLSchema, asked: Asked): Cost & { readonly isFixed: boolean } {
  const operation = getOperationAST(asked.document, asked.operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) return { ...nothing, isFixed: true };
  const values = valuesOf(operation, asked);
  const cost = walker(schema, fragmentsOf(asked.document), values.read)(operation.selectionSet, root);
  return { ...cost, isFixed: !values.isVariableRead() };
}

type Values = (node: ValueNode | undefined) => unknown;
type Walk = (set: SelectionSetNode, type: GraphQLNamedType) => Cost;

function walker(schema: GraphQLSchema, fragments: Fragments, values: Values): Walk {
  const known = new Map<string, Cost>();
  const ofFragment = (name: string): Cost => {
    const fragment = fragments.get(name);
    const type = fragment && schema.getType(fragment.typeCondition.name.value);
    const cost = known.get(name) ?? (type ? ofSet(fragment.selectionSet, type) : nothing);
    known.set(name, cost);
    return cost;
  };
  const ofField = (node: FieldNode, parent: GraphQLNamedType): Cost => {
    const field = isCompositeType(parent) ? schema.getField(parent, node.name.value) : undefined;
    if (!field) return { data: 1, introspection: 0 };
    const below = node.selectionSet ? ofSet(node.selectionSet, getNamedType(field.type)) : nothing;
    const all = sum({ data: 1, introspection: 0 }, scaled(rowsOf(schema, parent, field, node, values), below));
    return isIntrospection(field.name) ? { data: 1, introspection: all.data + all.introspection } : all;
  };
  const ofSet: Walk = ({ selections }, type) =>
    selections.reduce((cost, selection) => {
      if (selection.kind === Kind.FIELD) return sum(cost, ofField(selection, type));
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum(cost, ofFragment(selection.name.value));
      const condition = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type;
      return sum(cost, ofSet(selection.selectionSet, condition ?? type));
    }, nothing);
  return ofSet;
}

/** Members of a list of introspection, where it is not known how many: fields of a type, arguments of a field. */
const introspectionListRows = 5;
const pageArguments = new Set(['first', 'last']);

/** How many rows a field may have below it. */
function rowsOf(
  schema: GraphQLSchema,
  parent: GraphQLNamedType,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  values: Values,
): number {
  if (parent.name.startsWith('__') && isListType(getNullableType(field.type))) {
    return parent.name === '__Schema' ? Object.keys(schema.getTypeMap()).length : introspectionListRows;
  }
  const given = (argument: GraphQLArgument): unknown => values(node.arguments?.find(({ name }) => name.value === argument.name)?.value);
  const ids = field.args.find(({ name }) => name === 'ids');
  const listed = ids && given(ids);
  if (Array.isArray(listed)) return listed.length;
  const pages = field.args.filter(({ name }) => pageArguments.has(name));
  const asked = pages.map(given).filter((rows) => typeof rows === 'number');
  const rows = Math.max(0, ...asked);
  if (rows > limits.pageRowsMax) {
    throw fault('PAGE_TOO_LARGE', `${field.name} is asked for ${rows} rows; a page has at most ${limits.pageRowsMax}.`);
  }
  if (pages.length === 0) return isOwnList(parent, field) ? limits.listEntriesAssumed : 1;
  return asked.length > 0 ? rows : limits.pageRowsDefault;
}

/** A list that stands in its object, rather than the page of a connection, whose rows were counted with it. */
const isOwnList = (parent: GraphQLNamedType, { type }: GraphQLField<unknown, unknown>): boolean =>
  isListType(getNullableType(type)) && !(isObjectType(parent) && 'pageInfo' in parent.getFields());

/** Reads an argument as far as it matters here: whole numbers and lists, from the document, the variables or their defaults. */
function valuesOf(operation: OperationDefinitionNode, { variables }: Asked): { readonly read: Values; isVariableRead(): boolean } {
  const defaults = new Map(operation.variableDefinitions?.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]));
  let isVariableRead = false;
  const read: Values = (node) => {
    if (node?.kind === Kind.INT) return Number(node.value);
    if (node?.kind === Kind.LIST) return node.values;
    if (node?.kind !== Kind.VARIABLE) return undefined;
    isVariableRead = true;
    const name = node.name.value;
    const sent = variables && Object.hasOwn(variables, name) ? variables[name] : undefined;
    return sent === undefined ? read(defaults.get(name)) : sent;
  };
  return { read, isVariableRead: () => isVariableRead };
}
