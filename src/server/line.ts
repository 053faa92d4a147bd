import { StringDecoder } from 'node:string_decoder';
import type { WebSocket } from 'ws';
import { limits, VarveError } from '#base';
import { OperationNumbers } from './numbers.ts';

/** Close codes that the server gives by itself. The others are graphql-ws's and ws's; docs/limits.md has all. */
const codes = { serviceRestart: 1012, tryAgainLater: 1013, badRequest: 4400, internal: 4500 } as const;

/** What of a WebSocket its line uses. */
export type LineSocket = Pick<WebSocket, 'OPEN' | 'readyState' | 'bufferedAmount' | 'isPaused' | 'send' | 'pause' | 'resume' | 'close'>;

/** A live stream as its line knows it. */
export interface LineStream {
  readonly number: string;
  /** It has begun, and is not over. */
  readonly isOpen: boolean;
  /** The line takes more. Answers whether it is reading what it has to write: then it says {@link Line.passOn} when it knows what that came to. */
  wake(): boolean;
  /** Nobody is to hear of it any more. */
  giveUp(): void;
}

/** One WebSocket: what is under way on it, and whoever waits until it takes more. */
export class Line {
  readonly operations = new OperationNumbers();
  readonly #socket: LineSocket;
  readonly #streams = new Map<string, LineStream>();
  /** Queries and mutations that are not answered yet. */
  readonly #executing = new Set<string>();
  readonly #waiting = new Set<LineStream>();
  /** It was woken, and is reading what it has to write. */
  #woken: LineStream | undefined;
  #isWaking = false;
  #isRestarting = false;
  #underway = 0;

  constructor(socket: LineSocket) {
    this.#socket = socket;
  }

  /** How many operations were asked for and are still at work, whether or not the client has given them up. */
  get underway(): number {
    return this.#underway;
  }

  /** Hands on what the client says. Never throws: whatever goes wrong closes the connection. */
  async hear(words: string, take: (text: string) => Promise<void>): Promise<void> {
    const heard = this.operations.heard(words);
    if (!heard) return this.end(codes.badRequest, 'Invalid message received');
    const { text, asked, givenUp } = heard;
    // One that is still being opened would hold its place until it is: graphql-ws only forgets it.
    if (givenUp !== undefined) this.#streams.get(givenUp)?.giveUp();
    if (asked !== undefined) this.#underway += 1;
    try {
      await take(text);
    } catch (error) {
      this.end(codes.internal, error instanceof VarveError ? error.code : 'Internal server error');
    }
    if (asked === undefined) return;
    this.#underway -= 1;
    this.#executing.delete(asked);
    this.#restartIfIdle();
  }

  /** A query or a mutation begins; it is over when its message has been dealt with. */
  executes(number: string): void {
    this.#executing.add(number);
  }

  /** A stream begins to be opened. */
  join(stream: LineStream): void {
    this.#streams.set(stream.number, stream);
  }

  /** A stream is over. */
  forget(stream: LineStream): void {
    this.#streams.delete(stream.number);
    this.#waiting.delete(stream);
    this.passOn(stream);
  }

  /** The socket is closed, and with it all its streams, those that are just being opened too. */
  closed(): void {
    for (const stream of [...this.#streams.values()]) stream.giveUp();
  }

  /** Closes the connection. */
  end(code: number | undefined, reason = ''): void {
    // A reason has at most 123 bytes, and a client's id may be longer; the decoder leaves out the character that is cut in two.
    this.#socket.close(code, new StringDecoder().write(Buffer.from(this.operations.reason(reason)).subarray(0, 123)));
  }

  /** Cuts all streams off by the code that says to come back: one of them met what may go well in a moment. */
  comeBack(): void {
    this.end(codes.tryAgainLater, 'Try again later, and go on.');
  }

  /** Whether it would cost a client more than one stream to be cut off. */
  get isBusy(): boolean {
    return this.#executing.size > 0 || [...this.#streams.values()].some(({ isOpen }) => isOpen);
  }

  /** Closes the connection by the code that says to come back, as soon as no query and no mutation is under way on it. */
  restart(): void {
    this.#isRestarting = true;
    this.#restartIfIdle();
  }

  /** The same, whatever is under way. */
  restartNow(): void {
    this.end(codes.serviceRestart, 'Service restart: come back, and go on.');
  }

  /** Sends what the protocol says; a client that does not read is not read from either, until it does. */
  async say(words: string): Promise<void> {
    const text = this.operations.said(words);
    if (text === undefined || !this.#isOpen) return;
    const sent = new Promise<void>((resolve) => this.#socket.send(text, () => resolve()));
    this.#pauseIfFull();
    await sent;
    this.#sent();
  }

  /** Sends a stream's results, where the socket and the operation are open; answers whether it would take more at once. Where not, it wakes the stream. */
  write(stream: LineStream, results: readonly string[]): boolean {
    const id = this.operations.idOf(stream.number);
    if (id === undefined || !this.#isOpen) return false;
    const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
    for (const json of results) this.#socket.send(`${head}${json}}`, () => this.#sent());
    this.#pauseIfFull();
    if (this.#isFull) this.#waiting.add(stream);
    this.passOn(stream);
    return !this.#isFull;
  }

  /** Has a stream that begins wait for its turn, where the socket takes no more or others wait already. Answers whether it has to. */
  queue(stream: LineStream): boolean {
    if (!this.#isFull && this.#waiting.size === 0) return false;
    this.#waiting.add(stream);
    this.#wakeSoon();
    return true;
  }

  /** A stream that was woken has written what it had, or had nothing. */
  passOn(stream: LineStream): void {
    if (this.#woken !== stream) return;
    this.#woken = undefined;
    this.#wakeSoon();
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get #isFull(): boolean {
    return this.#socket.bufferedAmount > limits.socketBufferedBytesMax;
  }

  #pauseIfFull(): void {
    if (this.#isFull) this.#socket.pause();
  }

  #sent(): void {
    if (this.#isFull) return;
    if (this.#socket.isPaused) this.#socket.resume();
    this.#wakeSoon();
  }

  #wakeSoon(): void {
    if (this.#isWaking || this.#waiting.size === 0) return;
    this.#isWaking = true;
    // In a turn of its own: a socket that is read from again hears its client before whoever is woken fills it.
    setImmediate(() => {
      this.#isWaking = false;
      this.#wake();
    });
  }

  /** One after another, as long as the socket takes more: woken together, each would write a run into it. */
  #wake(): void {
    for (const stream of [...this.#waiting]) {
      if (this.#isFull || this.#woken) return;
      this.#waiting.delete(stream);
      this.#woken = stream;
      if (!stream.wake() && this.#woken === stream) this.#woken = undefined;
    }
  }

  #restartIfIdle(): void {
    if (this.#isRestarting && this.#executing.size === 0) this.restartNow();
  }
}
