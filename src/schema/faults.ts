import { GraphQLError } from 'graphql';
import { VarveError } from '#base';

/** An argument that cannot be meant: code `BAD_USER_INPUT`. */
export function badInput(message: string, hint: string): VarveError {
  return new VarveError({ code: 'BAD_USER_INPUT', message, hint });
}

/** More was asked for than one answer may hold: code `PAGE_TOO_LARGE`. */
export function pageTooLarge(what: string, asked: number, max: number): VarveError {
  return new VarveError({
    code: 'PAGE_TOO_LARGE',
    message: `${what}: ${asked} were asked for and at most ${max} are given at once.`,
    hint: 'Ask for less, page by page.',
  });
}

/** What was found is more than one answer may hold, though the document did not say so: code `DOCUMENT_TOO_COSTLY`. */
export function answerTooLarge(fieldsMax: number): VarveError {
  return new VarveError({
    code: 'DOCUMENT_TOO_COSTLY',
    message: `The answer comes to more than ${fieldsMax} fields.`,
    hint: 'Ask for smaller pages, or for fewer fields of lists: `first` and `last` multiply all that is asked for below them.',
  });
}

/** Runs the parsing of a scalar; a fault keeps its code and hint, which graphql-js would otherwise drop. */
export function asGraphQLError<T>(parse: () => T): T {
  try {
    return parse();
  } catch (fault) {
    if (!(fault instanceof VarveError)) throw fault;
    const { code, hint, message } = fault;
    throw new GraphQLError(message, { originalError: fault, extensions: { code, hint } });
  }
}
