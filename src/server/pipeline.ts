import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
} from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { acceptable } from './accept.ts';
import { answerAccepted } from './answer.ts';
import { costCheck } from './cost.ts';
import { documentCaches, documentLimits } from './document.ts';
import type { Execution } from './execution.ts';
import { fault } from './faults.ts';
import { type Carried, type Executes, executes, operations } from './operation.ts';
import type { ServerOptions } from './options.ts';
import type { Params } from './params.ts';
import type { Underway } from './underway.ts';

/** What comes with a request into the pipeline. */
export interface Asked extends Carried {
  readonly params: Params;
}

/** An operation that every check has let through. */
export interface Admitted {
  readonly document: DocumentNode;
  readonly args: ExecutionArgs;
  readonly isSubscription: boolean;
  /** Executes a query or a mutation, by the pipeline's own way. Throws `NOT_ACCEPTABLE` where it is a subscription. */
  execute(): Promise<ExecutionResult>;
}

/** The one way that every operation takes: parameters, limits, validation, execution, answer. */
export type Pipeline = ReturnType<typeof createPipeline>;

/** Makes the pipeline: for whole requests by `handle`, for operations that another transport carries by `admit`. */
export function createPipeline<Context>(options: ServerOptions<Context>, underway: Underway, execution: Execution) {
  const caches = documentCaches();
  const checkCost = costCheck(options.schema);
  const executeFor = executes(options, underway, execution);
  const yoga = createYoga<Asked>({
    schema: options.schema,
    graphqlEndpoint: '/graphql',
    plugins: [parameters, documentLimits(checkCost), operations(executeFor), answers(options.logger)],
    parserAndValidationCache: caches,
    // Errors are masked where they are written, in one place for every transport.
    maskedErrors: false,
    // All of this is done before Yoga, or not at all.
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: false,
    logging: false,
  });
  const valid = new WeakSet<DocumentNode>();
  const admitKnown = admission({ schema: options.schema, documents: caches.documentCache, valid, checkCost, executeFor });
  return {
    handle: yoga.handle,
    /** Parses and validates within all limits; each document once. Answers the errors that refuse it, or throws the first. */
    admit(asked: Asked): Admitted | readonly GraphQLError[] {
      const known = admitKnown(asked);
      if (known) return known;
      const { schema, parse, validate, execute, subscribe } = yoga.getEnveloped(asked);
      const { query, operationName, variables } = asked.params;
      const document = parsed(() => parse(query));
      const operation = getOperationAST(document, operationName);
      if (!operation) return [unresolved()];
      const errors: readonly GraphQLError[] = validate(schema, document);
      if (errors.length > 0) return errors;
      valid.add(document);
      const args = { schema, document, operationName, variableValues: variables } as ExecutionArgs;
      const isSubscription = operation.operation === OperationTypeNode.SUBSCRIPTION;
      const run = isSubscription ? subscribe : execute;
      return { document, args, isSubscription, execute: async () => run({ ...args, contextValue: asked }) };
    },
  };
}

interface Known {
  readonly schema: GraphQLSchema;
  readonly documents: ReturnType<typeof documentCaches>['documentCache'];
  /** Those of them that every check has let through. */
  readonly valid: WeakSet<DocumentNode>;
  readonly checkCost: ReturnType<typeof costCheck>;
  readonly executeFor: Executes;
}

/** Admits what was let through before without going through the pipeline again: only what depends on variables is left to be checked. */
function admission({ schema, documents, valid, checkCost, executeFor }: Known): (asked: Asked) => Admitted | undefined {
  return ({ params: { query, operationName, variables }, carrier }) => {
    const document = documents.get(query);
    const operation = document && valid.has(document) ? getOperationAST(document, operationName) : undefined;
    if (!document || !operation || operation.operation === OperationTypeNode.SUBSCRIPTION) return undefined;
    checkCost({ document, operationName, variables });
    const args = { schema, document, operationName, variableValues: variables } as ExecutionArgs;
    return { document, args, isSubscription: false, execute: () => executeFor(carrier, args) };
  };
}

/** In the words of Yoga's own handling of requests. */
const unresolved = () =>
  new GraphQLError('Could not determine what operation to execute.', { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });

/** A fault of syntax, by the name that Yoga's own handling of requests gives it. */
function parsed(parse: () => DocumentNode): DocumentNode {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof GraphQLError) || error.originalError) throw error;
    const { message, source, positions } = error;
    throw new GraphQLError(message, { source, positions, extensions: { code: 'GRAPHQL_PARSE_FAILED', ...error.extensions } });
  }
}

/** Takes the parameters that were read already, instead of Yoga's own parsers, which would take forms and plain text too. */
const parameters: Plugin<object, Asked> = {
  onRequestParse({ setRequestParser, serverContext: { params } }) {
    setRequestParser(() => ({ ...params }));
  },
};

/** Writes results instead of Yoga's own processors: our errors, our statuses. */
function answers(logger: Logger): Plugin {
  return {
    onResultProcess({ request, setResultProcessor }) {
      const accepted = acceptable(request.headers.get('accept'));
      setResultProcessor((result, { Response }) => {
        if (Array.isArray(result) || Symbol.asyncIterator in result) throw fault('INTERNAL', 'Several results for one request.');
        const { status, headers, body } = answerAccepted(result, accepted, logger);
        return new Response(body, { status, headers });
      }, accepted.json ?? 'text/event-stream');
    },
  };
}
