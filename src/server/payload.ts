import type { ExecutionResult } from 'graphql';
import type { Logger } from 'pino';
import { type Delivery, formatReached } from '#livestream';
import { resultText, wrapped } from './answer.ts';

/** A result on its way to the readers of a live stream: its JSON is made once, and its form as an event once, however many there are. */
export class Payload {
  readonly json: string;
  readonly #delivery: Delivery<unknown>;
  #event: Buffer | undefined;

  constructor(json: string, delivery: Delivery<unknown>) {
    this.json = json;
    this.#delivery = delivery;
  }

  /** A reader that has it could go on from there. */
  get isPlace(): boolean {
    return this.#delivery.reached !== undefined;
  }

  /**
   * An event of GraphQL over SSE. Its id says where the reader can go on, so that `Last-Event-ID` resumes by itself; an empty one takes back
   * what was said before.
   */
  get event(): Buffer {
    const { reached } = this.#delivery;
    this.#event ??= Buffer.from(`event: next\nid: ${reached ? formatReached(reached) : ''}\ndata: ${this.json}\n\n`);
    return this.#event;
  }
}

/** The payload of a result; a result that has no JSON is an error that says so. */
export function payloadOf(result: ExecutionResult, delivery: Delivery<unknown>, logger: Logger): Payload {
  return new Payload(safeText(result, logger), delivery);
}

function safeText(result: ExecutionResult, logger: Logger): string {
  try {
    return resultText(result, logger);
  } catch (error) {
    return resultText({ errors: [wrapped(error)] }, logger);
  }
}
