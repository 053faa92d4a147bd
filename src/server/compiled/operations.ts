import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type VariableValues,
} from 'graphql';
import { limits } from '#base';
import { Plan } from './plan.ts';

/** An operation of a document, and its plans: one for each choice that `@skip` and `@include` make of its fields. */
export class Compiled {
  readonly node: OperationDefinitionNode;
  readonly #schema: GraphQLSchema;
  readonly #fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly #root: GraphQLObjectType;
  /** Variables that `@skip` and `@include` name. */
  readonly #conditions: readonly string[];
  readonly #plans = new Map<string, Plan>();

  constructor(schema: GraphQLSchema, { node, fragments, root, conditions }: Compilable) {
    this.node = node;
    this.#schema = schema;
    this.#fragments = fragments;
    this.#root = root;
    this.#conditions = conditions;
  }

  /** How much of memory it takes, in fields. */
  get size(): number {
    return [...this.#plans.values()].reduce((sum, { size }) => sum + size, 1);
  }

  /** The plan for these variables; undefined where graphql-js has an error to tell of them, or there are too many plans already. */
  planFor({ coerced }: VariableValues): Plan | undefined {
    const values = this.#conditions.map((name) => coerced[name]);
    if (!values.every((value) => typeof value === 'boolean')) return undefined;
    const choice = values.join();
    return this.#plans.get(choice) ?? this.#newPlan(choice, values);
  }

  #newPlan(choice: string, values: readonly boolean[]): Plan | undefined {
    if (this.#plans.size === limits.documentPlansMax) return undefined;
    const { node } = this;
    const operation = { schema: this.#schema, node, fragments: this.#fragments };
    const conditions = { sources: {}, coerced: Object.fromEntries(this.#conditions.map((name, index) => [name, values[index]])) };
    const plan = new Plan(operation, conditions, this.#root);
    this.#plans.set(choice, plan);
    return plan;
  }
}

interface Compilable {
  readonly node: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly root: GraphQLObjectType;
  readonly conditions: readonly string[];
}

/** Compiles an operation; undefined where it is not there, or where it says something that only graphql-js knows how to do, or to refuse. */
export function compile(schema: GraphQLSchema, { definitions }: DocumentNode, operationName: string | undefined): Compiled | undefined {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  const operations: OperationDefinitionNode[] = [];
  const conditions = new Set<string>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      if (definition.variableDefinitions || !readConditions(definition.selectionSet.selections, conditions)) return undefined;
      fragments[definition.name.value] = definition;
    }
    if (definition.kind === Kind.OPERATION_DEFINITION && (operationName === undefined || definition.name?.value === operationName))
      operations.push(definition);
  }
  const [node, ...others] = operations;
  const root = node && schema.getRootType(node.operation);
  // A directive of the whole operation may change what an error does.
  if (!root || others.length > 0 || node.directives?.length || !readConditions(node.selectionSet.selections, conditions)) return undefined;
  return new Compiled(schema, { node, fragments, root, conditions: [...conditions] });
}

/** Adds the variables of `@skip` and `@include`; false where there is a directive that changes more than whether a field is asked for. */
function readConditions(selections: readonly SelectionNode[], conditions: Set<string>): boolean {
  return selections.every((node) => {
    for (const { name, arguments: given = [] } of node.directives ?? []) {
      if (name.value === 'defer' || name.value === 'stream') return false;
      if (name.value !== 'skip' && name.value !== 'include') continue;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) conditions.add(value.name.value);
    }
    return node.kind === Kind.FRAGMENT_SPREAD || !node.selectionSet || readConditions(node.selectionSet.selections, conditions);
  });
}
