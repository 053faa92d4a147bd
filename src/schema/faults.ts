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

/** Faults of a command that may have taken effect all the same. */
const nobodyKnows: ReadonlySet<unknown> = new Set(['OUTCOME_UNKNOWN', 'WRITER_BROKEN']);

/**
 * What a command failed with that came without a `commandId`. Where nobody knows whether it took effect, it is not `retryable`: no receipt would keep it
 * from taking effect twice.
 */
export function withoutId(fault: unknown): unknown {
  if (!(fault instanceof VarveError && nobodyKnows.has(fault.code))) return fault;
  const { code, message, cause } = fault;
  const hint = 'Look whether it took effect before you send it again: it came without a commandId, with which it would be safe to.';
  return new VarveError({ code, message, hint, cause });
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
