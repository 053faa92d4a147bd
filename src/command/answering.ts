import { assert, type Position, VarveError } from '#base';
import type { Command } from '#decider';
import type { Decodable } from '#event';
import type { Commit } from '#projector';
import {
  type Answer,
  type CrossingPort,
  type FromWriter,
  type PackedCommit,
  packCommit,
  packFault,
  type Sent,
  type ToWriter,
} from './crossing.ts';
import type { Deciding } from './deciding.ts';
import type { Dispatcher } from './dispatcher.ts';

/** The writer's end of a {@link remoteDispatcher}. */
export class Answering {
  readonly #port: CrossingPort;
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #deciding: Deciding;
  #commits: PackedCommit[] = [];
  #answers: Answer[] = [];
  #isPosting = false;

  constructor(port: CrossingPort, commands: readonly Command[], deciding: Deciding) {
    this.#port = port;
    this.#deciding = deciding;
    this.#commands = new Map(commands.map((command) => [command.name, command]));
  }

  /** To be told of each commit, before its commands are answered. */
  committed(commit: Commit, stored: readonly Decodable[]): void {
    this.#commits.push(packCommit(commit, stored));
    // One of another process has no command that it answers.
    this.#postSoon();
  }

  /** Somebody else has made read tables anew: those who follow them hear of it before the next commit. */
  rebuilt(): void {
    this.#say('rebuilt');
  }

  /** Another version of the program has taken over: nothing will be accepted here any more. */
  superseded(fault: unknown): void {
    this.#say({ superseded: packFault(fault) });
  }

  /** To be told how far others have committed what nobody is told of: those who follow the log hear of it in its order among the commits. */
  behind(position: Position): void {
    this.#post();
    this.#say({ behind: position });
  }

  /** Answers what comes, until it is told to close; then all is answered that came. */
  async answer(dispatcher: Dispatcher): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#port.on('message', (heard) => {
      const said = heard as ToWriter;
      if (said === 'close') return resolve();
      for (const [place, sent] of said.commands.entries()) void this.#send(dispatcher, said.first + place, sent);
    });
    await promise;
    await dispatcher.close();
    // The last answers are still on their way here.
    await new Promise(setImmediate);
  }

  /** The last word: after it nothing is heard. */
  closed(): void {
    this.#say('closed');
    this.#port.close();
  }

  async #send(dispatcher: Dispatcher, number: number, [name, input, options]: Sent): Promise<void> {
    try {
      const command = this.#commands.get(name);
      assert(
        command,
        `The writer's thread knows no command ${name}.`,
        'Export the application that is served from the module that it names.',
      );
      const outcome = await this.#deciding.sending(number, () => dispatcher.send(command, input, options));
      this.#add({ number, outcome });
    } catch (fault) {
      this.#add({ number, fault: packFault(fault) });
    }
  }

  #add(answer: Answer): void {
    // After everything that the commit answers, and before the next batch, which begins in a later turn of the event loop.
    this.#answers.push(answer);
    this.#postSoon();
  }

  #postSoon(): void {
    if (this.#isPosting) return;
    this.#isPosting = true;
    process.nextTick(() => this.#post());
  }

  #post(): void {
    this.#isPosting = false;
    if (this.#commits.length + this.#answers.length === 0) return;
    const [commits, answers] = [this.#commits, this.#answers];
    this.#commits = [];
    this.#answers = [];
    try {
      this.#say({ commits, answers });
    } catch {
      // One of the answers holds what cannot leave its thread: it alone is lost. Packed commits always can.
      this.#say({ commits, answers: [] });
      for (const answer of answers) this.#postAlone(answer);
    }
  }

  #postAlone(answer: Answer): void {
    try {
      this.#say({ commits: [], answers: [answer] });
    } catch (cause) {
      this.#say({ commits: [], answers: [{ number: answer.number, fault: packFault(cannotCross(cause)) }] });
    }
  }

  #say(what: FromWriter): void {
    this.#port.postMessage(what);
  }
}

const cannotCross = (cause: unknown) =>
  new VarveError({
    code: 'BUG',
    message: "The command was decided, but its answer cannot be handed out of the writer's thread.",
    hint: 'Give data alone in rows and refusals: no functions, no symbols.',
    cause,
  });
