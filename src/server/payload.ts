import type { ExecutionResult } from 'graphql';
import type { Logger } from 'pino';
import { type Delivery, formatReached } from '#livestream';
import type { Reached } from '#readtable';
import { passingFault, resultText, wrapped } from './answer.ts';

/** A result on its way to the readers of a live stream: its JSON is made once, and its form as an event once, however many there are. */
export class Payload {
  readonly json: string;
  /** What it takes in memory: its JSON, and its form as an event. */
  readonly bytes: number;
  readonly #reached: Reached | undefined;
  #chunk: Buffer | undefined;
  #headLength = 0;

  /** @param reached of the delivery; its message is not held on to, for it may be far larger than what is asked of it */
  constructor(json: string, reached: Reached | undefined) {
    this.json = json;
    this.bytes = 2 * Buffer.byteLength(json);
    this.#reached = reached;
  }

  /** A reader that has it could go on from there. */
  get isPlace(): boolean {
    return this.#reached !== undefined;
  }

  /**
   * An event of GraphQL over SSE. Its id says where the reader can go on, so that `Last-Event-ID` resumes by itself. Where it could go on from
   * nowhere the id says so too: an empty one would not be sent back, and then the request's own `after` would count again.
   */
  get event(): Buffer {
    return this.chunk.subarray(this.#headLength, -2);
  }

  /** The event as HTTP/1.1 frames it (a chunk: RFC 9112, 7.1). */
  get chunk(): Buffer {
    if (this.#chunk) return this.#chunk;
    const event = `event: next\nid: ${formatReached(this.#reached ?? 'anew')}\ndata: ${this.json}\n\n`;
    const head = `${Buffer.byteLength(event).toString(16)}\r\n`;
    this.#headLength = head.length;
    this.#chunk = Buffer.from(`${head}${event}\r\n`);
    return this.#chunk;
  }
}

/**
 * The payload of a result; a result that has no JSON is an error that says so. Throws that of its errors which may go well in a moment: the stream is
 * to come to the message again, for with the error in its place what it says would never be told.
 */
export function payloadOf(result: ExecutionResult, delivery: Delivery<unknown>, logger: Logger): Payload {
  const passing = passingFault(result);
  if (passing) throw passing;
  return new Payload(safeText(result, logger), delivery.reached);
}

function safeText(result: ExecutionResult, logger: Logger): string {
  try {
    return resultText(result, logger);
  } catch (error) {
    return resultText({ errors: [wrapped(error)] }, logger);
  }
}
