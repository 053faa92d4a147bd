import type { ServerResponse } from 'node:http';
import { limits, type Timers } from '#base';
import { formatReached } from '#livestream';
import type { Reached } from '#readtable';
import { isPassing } from './faults.ts';
import type { Payload } from './payload.ts';
import { comeBack, comeBackAlone, complete, eventHeaders, heartbeat } from './sse.ts';
import type { Subscriber, Subscription } from './subscriptions.ts';

/** The text of what a reader is told when its stream broke. */
export type FailureText = (fault: unknown) => string;

/** An event without data is passed over, but its id is remembered. */
const idAlone = (reached: Reached): string => `id: ${formatReached(reached)}\n\n`;

/** A live stream of GraphQL over SSE (distinct connections): each event is one payload, and its id is the place to go on from. */
export class EventStream implements Subscriber {
  readonly #response: ServerResponse;
  readonly #failureText: FailureText;
  readonly #timers: Timers;
  #subscription: Subscription | undefined;
  /** Cut off now, its reader could not go on from where it is. */
  #isNowhere = true;
  #wasQuiet = false;

  constructor(response: ServerResponse, failureText: FailureText, timers: Timers) {
    this.#response = response;
    this.#failureText = failureText;
    this.#timers = timers;
  }

  opened(subscription: Subscription): void {
    const response = this.#response;
    this.#subscription = subscription;
    if (response.destroyed) return void subscription.leave();
    const { socket } = response;
    response.writeHead(200, eventHeaders);
    // It stands behind another answer on its connection, for however long: nobody waits for a stream like that.
    if (!socket) return void this.#end(comeBackAlone);
    response.write(heartbeat);
    const ready = (): void => subscription.reader.ready();
    socket.on('drain', ready);
    response.on('close', () => {
      socket.off('drain', ready);
      subscription.leave();
    });
  }

  /**
   * Past the response, to its socket: the response frames each chunk anew for each reader, and sends it in three pieces. What all readers share is
   * one buffer, framed once (docs/benchmarks.md); a client or proxy of HTTP/1.0 gets it without the frame.
   */
  write(payloads: readonly Payload[]): boolean {
    this.#wasQuiet = false;
    this.#isNowhere = payloads.at(-1)?.isPlace === false;
    const { socket, chunkedEncoding } = this.#response;
    if (!socket) return false;
    if (payloads.length > 1) socket.cork();
    let isReady = true;
    for (const payload of payloads) isReady = socket.write(chunkedEncoding ? payload.chunk : payload.event);
    if (payloads.length > 1) socket.uncork();
    return isReady;
  }

  /** Where a stream begins, or begins anew, without a message that says so, its reader is told where it stands. */
  follows(reached: Reached): void {
    if (this.#isNowhere) this.#response.write(idAlone(reached));
  }

  fail(fault: unknown): void {
    // What may go well in a moment is come back for; `complete` would end it for good.
    if (isPassing(fault)) return void this.#end(comeBack(fault.code));
    this.#end(`event: next\ndata: ${this.#failureText(fault)}\n\n${complete}`);
  }

  /**
   * The connection goes with the stream: an EventSource that comes back on it while the server still stops would get an answer there, where one that
   * is refused a connection tries again. Who does not take the last words is stalled, and nobody waits for it.
   */
  restart(): void {
    const response = this.#response;
    const { socket } = response;
    if (!response.headersSent || !socket) return;
    socket.once(
      'close',
      this.#timers.after(limits.lastWordsWaitMs, () => socket.destroy()),
    );
    response.once('finish', () => socket.destroySoon());
    this.#end(comeBack('SHUTTING_DOWN'));
  }

  /**
   * Says something where nothing was said since the last call: how far the stream has come, which a reader that is cut off goes on from. Nothing
   * is added to what a slow reader has not taken yet.
   */
  beat(): void {
    const { socket } = this.#response;
    if (!this.#subscription || !socket || this.#response.writableEnded) return;
    const { reached } = this.#subscription.reader;
    if (this.#wasQuiet && !socket.writableNeedDrain) this.#response.write(reached ? idAlone(reached) : heartbeat);
    this.#wasQuiet = true;
  }

  #end(words: string): void {
    this.#subscription?.leave();
    if (this.#response.headersSent && !this.#response.writableEnded) this.#response.end(words);
  }
}
