import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Position } from '#base';

/** What is known of a mutation's command that was accepted, whatever becomes of the rest of its answer. */
interface AcceptedCommand {
  /** The log's position after it. */
  readonly position: Position;
  /** True where it had been accepted before. */
  readonly replayed: boolean;
  /** True where its sender gave it an id: sent again, it does nothing twice. */
  readonly isRepeatable: boolean;
}

/** The commands of an operation that were accepted so far, by the names of their fields in the answer. */
export type AcceptedCommands = ReadonlyMap<string | number, AcceptedCommand>;

/** Has the errors of an operation know that some of it took effect: whoever sends it again because of them should not do that twice. */
export function knowingAccepted(result: ExecutionResult, accepted: AcceptedCommands): ExecutionResult {
  if (!result.errors || accepted.size === 0) return result;
  return { ...result, errors: result.errors.map((error) => new ErrorAfterAccepted(error, accepted)) };
}

/** An error of an operation of which some took effect. */
export class ErrorAfterAccepted extends GraphQLError {
  readonly #command: AcceptedCommand | undefined;
  readonly #isRepeatable: boolean;

  constructor(error: GraphQLError, accepted: AcceptedCommands) {
    const { message, nodes, path, extensions } = error;
    super(message, { nodes: nodes ?? null, path: path ?? null, extensions, originalError: error });
    this.#command = accepted.get(path?.[0] ?? '');
    this.#isRepeatable = [...accepted.values()].every(({ isRepeatable }) => isRepeatable);
  }

  /** What is shown of it, made of what would be if nothing had taken effect. Below an accepted command's own field the code says that first of all. */
  shown({ extensions: { code, hint, retryable, ...rest } = {}, ...error }: GraphQLFormattedError): GraphQLFormattedError {
    const extensions = { ...rest, ...(this.#isRepeatable && retryable === true && { retryable }) };
    if (!this.#command) return { ...error, extensions: { code, hint, ...extensions } };
    const { position, replayed } = this.#command;
    const accepted = { code: 'ACCEPTED_UNREAD', hint: acceptedHint, cause: code, position: String(position), replayed };
    return { ...error, extensions: { ...accepted, ...extensions } };
  }
}

const acceptedHint =
  'The command took effect. Read the rest by a query with the header varve-at-least: POSITION; sent again without a commandId, it would take effect twice.';
