import { tracingChannel } from 'node:diagnostics_channel';
import {
  assertValidSchema,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  executeSubscriptionEvent,
  type GraphQLSchema,
  getVariableValues,
  type ValidatedSubscriptionArgs,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { limits } from '#base';
import { type Compiled, compile } from './compiled/operations.ts';

/** What executes operations that were validated: graphql-js, or what does the same in less time. */
export interface Execution {
  /** A query or a mutation. A promise where a resolver gives one. */
  execute(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult>;
  /** One message of a subscription: the root value. */
  executeMessage(args: ValidatedSubscriptionArgs): ExecutionResult | Promise<ExecutionResult>;
}

/** graphql-js's own. */
export const plainExecution: Execution = { execute, executeMessage: executeSubscriptionEvent };

/**
 * Compiles each operation that is asked for, and keeps what it compiled as long as others do not crowd it out. Results are graphql-js's, which
 * executes what cannot be compiled, and all where somebody listens to its tracing channels.
 */
export function compiledExecution(schema: GraphQLSchema): Execution {
  // Their results are several, and graphql-js refuses them.
  if (schema.getDirective('defer') || schema.getDirective('stream')) return plainExecution;
  const compiled = new CompiledOperations(schema);
  return {
    execute(args) {
      const operation = isPlain(args) && !isTraced() ? compiled.of(args.document, args.operationName ?? undefined) : undefined;
      if (!operation) return execute(args);
      const { variableValues, errors } = getVariableValues(schema, operation.node.variableDefinitions ?? [], args.variableValues ?? {}, {
        maxErrors: args.options?.maxCoercionErrors ?? coercionErrorsMax,
      });
      if (errors) return { errors };
      const plan = operation.planFor(variableValues);
      return plan ? plan.run({ rootValue: args.rootValue, contextValue: args.contextValue, variableValues }) : execute(args);
    },
    executeMessage(args) {
      const operation = isTraced() ? undefined : compiled.of(args.document, args.operation.name?.value);
      const plan = operation?.planFor(args.variableValues);
      return plan ? plan.run(args) : executeSubscriptionEvent(args);
    },
  };
}

/** graphql-js's own, where none is given. */
const coercionErrorsMax = 50;

/** Whether nothing is asked for but what a server asks of an execution. */
const isPlain = ({ fieldResolver, typeResolver, hideSuggestions, abortSignal, hooks }: ExecutionArgs): boolean =>
  !fieldResolver && !typeResolver && !hideSuggestions && !abortSignal && !hooks;

const channels = ['execute', 'execute:variableCoercion', 'execute:rootSelectionSet', 'resolve'].map((name) =>
  tracingChannel(`graphql:${name}`),
);
const isTraced = (): boolean => channels.some(({ hasSubscribers }) => hasSubscribers);

/** The operations that were compiled, the latest of them, as many as memory is set aside for. */
class CompiledOperations {
  readonly #schema: GraphQLSchema;
  readonly #documents = new LRUCache<DocumentNode, DocumentOperations>({
    max: limits.documentsCachedMax,
    maxSize: limits.compiledFieldsMax,
    sizeCalculation: ({ size }) => size,
  });

  constructor(schema: GraphQLSchema) {
    assertValidSchema(schema);
    this.#schema = schema;
  }

  /** undefined: graphql-js is to execute it. */
  of(document: DocumentNode, operationName: string | undefined): Compiled | undefined {
    const operations = this.#documents.get(document) ?? new DocumentOperations();
    const operation = operations.of(this.#schema, document, operationName);
    // Executions compile what they need; what they compiled is counted when the next one comes.
    if (operations.hasGrown()) {
      // What is set in its own place keeps the size that it had.
      this.#documents.delete(document);
      this.#documents.set(document, operations);
    }
    return operation;
  }
}

class DocumentOperations {
  readonly #operations = new Map<string | undefined, Compiled>();
  #counted = 0;

  of(schema: GraphQLSchema, document: DocumentNode, name: string | undefined): Compiled | undefined {
    const known = this.#operations.get(name) ?? compile(schema, document, name);
    if (known) this.#operations.set(name, known);
    return known;
  }

  /** In fields. */
  get size(): number {
    return [...this.#operations.values()].reduce((sum, { size }) => sum + size, 1);
  }

  /** Whether it was counted for less. */
  hasGrown(): boolean {
    const before = this.#counted;
    this.#counted = this.size;
    return this.#counted > before;
  }
}
