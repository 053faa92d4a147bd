import { assert, limits, type Position, VarveError } from '#base';
import type { Command } from '#decider';
import type { EventCodec } from '#event';
import type { Commit, Projection } from '#projector';
import { type Answer, type CrossingPort, type FromWriter, type Sent, type ToWriter, unpackCommit, unpackFault } from './crossing.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Outcome, SendOptions } from './envelope.ts';
import { overloaded, shuttingDown, tooSlow } from './faults.ts';

/** What a dispatcher in another thread is reached by. */
export interface RemoteParts {
  /** Its other end answers: see {@link Answering}. */
  readonly port: CrossingPort;
  readonly projections: readonly Projection[];
  readonly codec: EventCodec;
  /** Told of each commit, in order, before its commands are answered; what it made true is read only where it is asked for, and may not be readable: a bug, which `read` throws. */
  readonly onCommit: (position: Position, read: () => Commit) => void;
  /** Told that somebody else has made read tables anew, before the next commit. */
  readonly onRebuilt?: () => void;
  /** Told that another version of the program has taken over: nothing will be accepted any more. */
  readonly onSuperseded?: ((fault: unknown) => void) | undefined;
  /** Told up to which position others have committed so much that nobody is told of it. */
  readonly onBehind?: ((position: Position) => void) | undefined;
  /** Told where `onCommit` threw: its commands are accepted and answered all the same. */
  readonly onFault: (fault: unknown) => void;
  /** Numbers begin anew beyond it: they stand in memory in 32 bits. Left out: a thousand million. */
  readonly numbersMax?: number;
}

/** A dispatcher that decides in another thread. */
export interface RemoteDispatcher extends Dispatcher {
  /** True once the other thread has closed, or was lost. */
  readonly isOver: boolean;
  /** A command, by its number, stood still for so long: whoever sent it is told. */
  giveUp(number: number, timeMaxMs: number): void;
  /** Another thread has taken the place of one that is gone and has told of all that it committed: what is not answered is sent anew, in its order. */
  goOn(port: CrossingPort): void;
  /** The other thread is gone: whoever waits is told, and nothing more is taken. */
  lose(fault: VarveError): void;
}

/** Reaches a dispatcher in another thread. What is sent in one turn of the event loop goes in one message, and so do the answers of a commit. */
export function remoteDispatcher(parts: RemoteParts): RemoteDispatcher {
  return new Remote(parts);
}

interface Waiting {
  readonly sent: Sent;
  readonly answer: PromiseWithResolvers<Outcome>;
}

const numbersMax = 1_000_000_000;

class Remote implements RemoteDispatcher {
  readonly #parts: RemoteParts;
  readonly #tables;
  #port: CrossingPort;
  /** By their numbers, in the order of their coming. */
  #waiting = new Map<number, Waiting>();
  readonly #closed = Promise.withResolvers<void>();
  #leaving: Sent[] = [];
  /** The number of the first command that is leaving. */
  #first = 1;
  #isClosing = false;
  #isOver = false;
  #lost: VarveError | undefined;

  constructor(parts: RemoteParts) {
    this.#parts = parts;
    this.#tables = new Map(parts.projections.map(({ table }) => [table.name, table]));
    this.#port = parts.port;
    this.#listen();
  }

  #listen(): void {
    this.#port.on('message', (said) => this.#hear(said as FromWriter));
  }

  async send({ name }: Command, input: unknown, options: SendOptions = {}): Promise<Outcome> {
    if (this.#lost) throw this.#lost;
    if (this.#isClosing) throw shuttingDown();
    if (this.#waiting.size >= limits.queueCommandsMax) throw overloaded();
    const waiting: Waiting = { sent: [name, input, options], answer: Promise.withResolvers<Outcome>() };
    this.#waiting.set(this.#first + this.#leaving.length, waiting);
    if (this.#leaving.push(waiting.sent) === 1) setImmediate(() => this.#post());
    return waiting.answer.promise;
  }

  close(): Promise<void> {
    if (!this.#isClosing && !this.#lost) {
      this.#isClosing = true;
      this.#post();
      this.#say('close');
    }
    return this.#closed.promise;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  giveUp(number: number, timeMaxMs: number): void {
    const { sent, answer } = this.#take(number);
    const [name, , { commandId }] = sent;
    answer.reject(tooSlow(name, commandId, timeMaxMs));
  }

  goOn(port: CrossingPort): void {
    this.#port = port;
    this.#listen();
    const waiting = [...this.#waiting.values()];
    this.#first = 1;
    this.#waiting = new Map(waiting.map((one, place) => [place + this.#first, one]));
    this.#leaving = waiting.map(({ sent }) => sent);
    this.#post();
    if (this.#isClosing) this.#say('close');
  }

  lose(fault: VarveError): void {
    this.#lost = fault;
    for (const { answer } of this.#waiting.values()) answer.reject(fault);
    this.#waiting.clear();
    this.#leaving = [];
    this.#end();
  }

  #post(): void {
    const [first, commands] = [this.#first, this.#leaving];
    if (commands.length === 0) return;
    this.#first += commands.length;
    // Those that wait have numbers not far below it, and so none of the new ones.
    if (this.#first > (this.#parts.numbersMax ?? numbersMax)) this.#first = 1;
    this.#leaving = [];
    try {
      this.#say({ first, commands });
    } catch {
      // One of them holds what cannot leave its thread: it alone is told so.
      for (const [place, command] of commands.entries()) this.#postAlone(first + place, command);
    }
  }

  #postAlone(first: number, command: Sent): void {
    try {
      this.#say({ first, commands: [command] });
    } catch (cause) {
      const message = `The input of ${command[0]} cannot be handed to the writer's thread.`;
      this.#take(first).answer.reject(new VarveError({ code: 'BUG', message, hint: 'Give data alone: no functions, no symbols.', cause }));
    }
  }

  #say(what: ToWriter): void {
    this.#port.postMessage(what);
  }

  #hear(said: FromWriter): void {
    // What was under way when the other thread was lost.
    if (this.#isOver) return;
    if (said === 'closed') {
      this.#end();
      return;
    }
    const { codec, onCommit, onFault, onRebuilt, onSuperseded, onBehind } = this.#parts;
    if (said === 'rebuilt') {
      onRebuilt?.();
      return;
    }
    if ('superseded' in said) {
      onSuperseded?.(unpackFault(said.superseded));
      return;
    }
    if ('behind' in said) {
      onBehind?.(said.behind);
      return;
    }
    for (const commit of said.commits) {
      try {
        onCommit(commit.position, () => unpackCommit(commit, this.#tables, codec));
      } catch (fault) {
        onFault(fault);
      }
    }
    for (const answer of said.answers) this.#settle(answer);
  }

  #end(): void {
    this.#isOver = true;
    this.#port.close();
    this.#closed.resolve();
  }

  #settle(answer: Answer): void {
    const { resolve, reject } = this.#take(answer.number).answer;
    if ('outcome' in answer) resolve(answer.outcome);
    else reject(unpackFault(answer.fault));
  }

  #take(number: number): Waiting {
    const waiting = this.#waiting.get(number);
    assert(waiting, `The writer answered command ${number}, which nobody waits for.`);
    this.#waiting.delete(number);
    return waiting;
  }
}
