import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isNonNullType,
  locatedError,
  type OperationDefinitionNode,
  responsePathAsArray,
  type VariableValues,
} from 'graphql';
import { isPromiseLike } from './values.ts';

/** Where in an answer. */
export type Path = GraphQLResolveInfo['path'];

/** Makes what stands in the answer of what a resolver gave; throws, or rejects, where that cannot be. */
export type Completion = (run: Run, field: Field, value: unknown, path: Path, info: GraphQLResolveInfo) => unknown;

/** The same where nothing stands below the value: it need not know where it is. */
export type Leaf = (run: Run, field: Field, value: unknown) => unknown;

/** A field of an object, all that its document says of it worked out. */
export interface Field {
  /** Its name in the answer. */
  readonly key: string;
  readonly name: string;
  /** Every place of the document that asks for it. */
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly type: GraphQLOutputType;
  readonly isTypename: boolean;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  readonly argumentsOf: (variables: VariableValues) => Record<string, unknown>;
  readonly complete: Completion;
  /** Of a field that no resolver was written for and that has nothing below it: the answer is what the object has by its name. */
  readonly leaf: Leaf | undefined;
}

/** What of an operation is the same each time. */
export interface Operation {
  readonly schema: GraphQLSchema;
  readonly node: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
}

/** What of an operation is new each time. */
export interface Given {
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  readonly variableValues: VariableValues;
}

/** One execution of an operation. */
export class Run {
  readonly context: unknown;
  readonly root: unknown;
  readonly variables: VariableValues;
  readonly errors: GraphQLError[] = [];
  readonly #operation: Operation;
  readonly #nulled = new Set<Path | undefined>();
  #isOver = false;
  #abort: AbortController | undefined;

  constructor(operation: Operation, { rootValue, contextValue, variableValues }: Given) {
    this.#operation = operation;
    this.context = contextValue;
    this.root = rootValue;
    this.variables = variableValues;
  }

  /** What a resolver is told of where it stands. */
  infoOf({ name, nodes, type, parentType }: Field, path: Path): GraphQLResolveInfo {
    return {
      fieldName: name,
      fieldNodes: nodes,
      returnType: type,
      parentType,
      path,
      schema: this.#operation.schema,
      fragments: this.#operation.fragments,
      rootValue: this.root,
      operation: this.#operation.node,
      variableValues: this.variables,
      getAbortSignal: this.#abortSignal,
      getAsyncHelpers,
    };
  }

  /** Throws what failed to the parent where the place cannot be null; else the place is null, and the answer says why. */
  fail(thrown: unknown, type: GraphQLOutputType, { nodes }: Field, path: Path): null {
    const error = locatedError(thrown, nodes, responsePathAsArray(path));
    if (isNonNullType(type)) throw error;
    this.record(error, path);
    return null;
  }

  /** Of what stands below a place that is null already, nothing more is said. */
  record(error: GraphQLError, path: Path | undefined): void {
    for (let place = path; place !== undefined; place = place.prev) if (this.#nulled.has(place)) return;
    if (this.#nulled.has(undefined)) return;
    this.#nulled.add(path);
    this.errors.push(error);
  }

  /** The answer is complete: what is still under way goes no further. */
  end(): void {
    this.#isOver = true;
    this.#abort?.abort();
  }

  /** Throws where the answer has left: nobody needs the rest. */
  goOn(): void {
    if (this.#isOver) throw new Error('Aborted!');
  }

  // Most resolvers never ask for it, and aborting one costs an exception with its stack.
  readonly #abortSignal = (): AbortSignal => {
    this.#abort ??= new AbortController();
    if (this.#isOver) this.#abort.abort();
    return this.#abort.signal;
  };
}

const helpers: ReturnType<GraphQLResolveInfo['getAsyncHelpers']> = {
  promiseAll: (values) => Promise.all(values),
  track: (values) => leave(values),
};
const getAsyncHelpers = () => helpers;

/** Leaves promises to themselves: nobody waits for them, and that one of them fails is no news. */
export function leave(values: Iterable<unknown>): void {
  for (const value of values) if (isPromiseLike(value)) value.then(undefined, () => undefined);
}
