import type { MessagePort } from 'node:worker_threads';
import { assert } from '#base';
import type { Command } from '#decider';
import type { EventCodec } from '#event';
import type { Commit } from '#projector';
import { type Answer, type FromWriter, type PackedCommit, packCommit, packFault, type Sent, type ToWriter } from './crossing.ts';
import type { Dispatcher } from './dispatcher.ts';

/** The writer's end of a {@link remoteDispatcher}. */
export class Answering {
  readonly #port: MessagePort;
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #codec: EventCodec;
  #commits: PackedCommit[] = [];
  #answers: Answer[] = [];

  constructor(port: MessagePort, commands: readonly Command[], codec: EventCodec) {
    this.#port = port;
    this.#codec = codec;
    this.#commands = new Map(commands.map((command) => [command.name, command]));
  }

  /** To be told of each commit, before its commands are answered. */
  committed(commit: Commit): void {
    this.#commits.push(packCommit(commit, this.#codec));
  }

  /** Answers what comes, until it is told to close; then all is answered that came. */
  async answer(dispatcher: Dispatcher): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#port.on('message', (said: ToWriter) => {
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
    this.#port.postMessage('closed' satisfies FromWriter);
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
      this.#add({ number, outcome: await dispatcher.send(command, input, options) });
    } catch (fault) {
      this.#add({ number, fault: packFault(fault) });
    }
  }

  #add(answer: Answer): void {
    // After everything that the commit answers, and before the next batch, which begins in a later turn of the event loop.
    if (this.#answers.push(answer) === 1) process.nextTick(() => this.#post());
  }

  #post(): void {
    const said: FromWriter = { commits: this.#commits, answers: this.#answers };
    this.#commits = [];
    this.#answers = [];
    this.#port.postMessage(said);
  }
}
