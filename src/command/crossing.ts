import { deserialize, serialize } from 'node:v8';
import { assert, limits, type Position, textOf, VarveError } from '#base';
import type { Decodable, EventCodec } from '#event';
import type { Commit } from '#projector';
import type { AnyRow, Table } from '#readtable';
import type { Outcome, SendOptions } from './envelope.ts';

/** One end of what lies between the writer's thread and another: a `MessagePort`, or what does as it does. */
export interface CrossingPort {
  on(event: 'message', hear: (said: unknown) => void): unknown;
  /** What arrives is a copy. Throws where there can be none. */
  postMessage(said: unknown): void;
  close(): void;
}

/** A command on its way to the writer's thread: its name, its input as the client sent it. */
export type Sent = readonly [command: string, input: unknown, options: SendOptions];

/** What is said to the writer's thread: commands, numbered from the first on, or that it is to end when all are answered. */
export type ToWriter = { readonly first: number; readonly commands: readonly Sent[] } | 'close';

/** How a command ended, by its number. */
export type Answer =
  | { readonly number: number; readonly outcome: Outcome }
  | { readonly number: number; readonly fault: ReturnType<typeof packFault> };

/**
 * What the writer's thread says: commits in order, then the commands that they answer; or that somebody else has made read tables anew, or another
 * program's, which this one must not write; or that others have committed so much that nobody is told of it; or that it has ended.
 */
export type FromWriter =
  | { readonly commits: readonly PackedCommit[]; readonly answers: readonly Answer[] }
  | 'rebuilt'
  | { readonly superseded: ReturnType<typeof packFault> }
  | { readonly behind: Position }
  | 'closed';

/** A commit in one piece: whoever has nobody to tell of it need not open it. */
export interface PackedCommit {
  readonly position: Position;
  /** Or why it could not be packed. */
  readonly content: Uint8Array | ReturnType<typeof packFault>;
}

interface Content {
  /** As the log has them: what their fields are in memory may not cross. */
  readonly events: readonly Decodable[];
  /** Tables by name, causes by their place among the events. */
  readonly changes: readonly (readonly [
    table: string,
    key: string,
    before: AnyRow | undefined,
    after: AnyRow | undefined,
    cause: number,
  ])[];
}

/** Packs a commit, once for all who will be told of it. Never throws: it is made, whether or not it can be told of. */
export function packCommit(commit: Commit, stored: readonly Decodable[]): PackedCommit {
  const { position } = commit;
  try {
    return { position, content: serialize(contentOf(commit, stored)) };
  } catch (fault) {
    return { position, content: packFault(fault) };
  }
}

/** Positions have no gaps: a cause's place is told by its own. */
function contentOf({ changes }: Commit, events: readonly Decodable[]): Content {
  const first = events[0]?.position ?? 0;
  return {
    events,
    changes: changes.map(({ table, key, before, after, cause }) => [table.name, key, before, after, cause.position - first]),
  };
}

/** Opens a commit. Throws what kept it from being packed, and where what it tells of is not known here. */
export function unpackCommit({ position, content }: PackedCommit, tables: ReadonlyMap<string, Table>, codec: EventCodec): Commit {
  if (!(content instanceof Uint8Array)) throw unpackFault(content);
  const packed = deserialize(content) as Content;
  const events = packed.events.map((event) => codec.decode(event));
  return {
    position,
    events,
    changes: packed.changes.map(([name, key, before, after, place]) => {
      const [table, cause] = [tables.get(name), events[place]];
      assert(table && cause, `The writer told of a change of ${name} that cannot be read here.`);
      return { table, key, before, after, cause };
    }),
  };
}

interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** The error's own, where it has one: for the log. */
  readonly code: string | undefined;
  readonly cause: PackedError | undefined;
  /** Of a {@link VarveError}. */
  readonly said: { readonly hint: string; readonly retryable: boolean } | undefined;
}

/** Packs what was thrown: an error crosses between threads without the fields that are its own. Never throws, whatever was thrown. */
export function packFault(thrown: unknown, causes: number = limits.causesMax): PackedError | undefined {
  if (thrown === undefined) return undefined;
  try {
    if (thrown instanceof Error) return packError(thrown, causes);
  } catch {
    // What it consists of cannot be read, or is no text: its own text must do.
  }
  return { name: 'Error', message: textOf(thrown), stack: undefined, code: undefined, cause: undefined, said: undefined };
}

function packError(error: Error, causes: number): PackedError {
  const { name, message, stack, cause } = error;
  return {
    name: String(name),
    message: String(message),
    stack: stack === undefined ? undefined : String(stack),
    code: 'code' in error && typeof error.code === 'string' ? error.code : undefined,
    cause: causes > 0 ? packFault(cause, causes - 1) : undefined,
    said: error instanceof VarveError ? { hint: String(error.hint), retryable: error.retryable === true } : undefined,
  };
}

/** Opens what was thrown; its stack is the one of where it happened. */
export function unpackFault(packed: PackedError | undefined): Error | undefined {
  if (!packed) return undefined;
  const { name, message, stack, code, said } = packed;
  const cause = unpackFault(packed.cause);
  const error =
    said && code !== undefined
      ? new VarveError({ ...said, code, message, cause })
      : Object.assign(new Error(message, { cause }), { name }, code === undefined ? {} : { code });
  if (stack !== undefined) error.stack = stack;
  return error;
}
