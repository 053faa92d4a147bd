import { type DocumentNode, GraphQLError, type GraphQLSchema, type ValidationRule, validate } from 'graphql';
import { limits } from '#base';

/**
 * GraphQL's validation, held to some errors of some length: each repeats what it refuses, and all of them are kept with the document, so that a
 * small document could come to megabytes.
 */
export function validateWithin(schema: GraphQLSchema, document: DocumentNode, rules?: readonly ValidationRule[]): readonly GraphQLError[] {
  return validate(schema, document, rules, { maxErrors: limits.errorsMax }).map((error) =>
    error.message.length <= limits.errorLengthMax ? error : new GraphQLError(shortened(error.message), { nodes: error.nodes ?? null }),
  );
}

/** The same for variables, whose errors each repeat all of the value that they stand in. */
export const executionOptions = { maxCoercionErrors: limits.variableErrorsMax } as const;

/** A message of bounded length. */
export function shortened(message: string): string {
  return message.length <= limits.errorLengthMax ? message : `${message.slice(0, limits.errorLengthMax).toWellFormed()}…`;
}
