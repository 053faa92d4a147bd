/** What a {@link VarveError} says: a stable code, a sentence, and what to do now. */
export interface Fault {
  /** UPPER_SNAKE_CASE, stable: programs switch on it. */
  readonly code: string;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do now. */
  readonly hint: string;
  /** True where the same request may succeed later, unchanged. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * A fault: something that should not have happened, as opposed to a rejection, which is a value.
 * The same three words (code, message, hint) reach the terminal, the log and GraphQL's `extensions`.
 * The hint is an idea of litestream's.
 */
export class VarveError extends Error {
  override readonly name = 'VarveError';
  readonly code: string;
  readonly hint: string;
  readonly retryable: boolean;

  constructor({ code, message, hint, retryable = false, cause }: Fault) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
    this.retryable = retryable;
  }
}
