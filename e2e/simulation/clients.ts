import { Agent, type RequestOptions, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Answered, type Post, reachOver } from '../faults/httpreach.ts';
import { type Reach, type Recorder, Session } from '../faults/recorder.ts';
import type { Network } from './network.ts';
import type { Scheduler } from './scheduler.ts';
import { overWebSocket } from './talking.ts';

/** Where the server is, by name: there is no such machine. */
export const url = 'http://localhost/graphql';

/** Longer than a server waits for a position that a read demands. */
const patienceMs = 6_000;

/** Each request on a connection of its own, or on one that was kept. */
type Connecting = Pick<RequestOptions, 'agent' | 'createConnection'>;

/** Keeps connections for the next request, as browsers and proxies do. */
class Keeping extends Agent {
  readonly #network: Network;

  constructor(network: Network) {
    super({ keepAlive: true });
    this.#network = network;
  }

  override createConnection(): Duplex {
    return this.#network.dial();
  }
}

/** Those who ask a server over a network, and take their time in between. */
export class Clients {
  readonly recorder: Recorder;
  readonly #scheduler: Scheduler;
  readonly #network: Network;

  constructor(recorder: Recorder, scheduler: Scheduler, network: Network) {
    this.recorder = recorder;
    this.#scheduler = scheduler;
    this.#network = network;
  }

  /** A client by its name. */
  session(name: string): Session {
    const { recorder } = this;
    const { chance } = this.#scheduler;
    const post = this.#anyPost();
    return new Session(name, recorder, this.#unhurried(name, reachOver({ url: () => url, recorder, chance, post })));
  }

  /** By one transport or the other. */
  #anyPost(): Post {
    const network = this.#network;
    if (this.#scheduler.oneIn(3)) return overWebSocket(network, this.#scheduler, () => this.#patience());
    const connecting = this.#scheduler.oneIn(2) ? { agent: new Keeping(network) } : { createConnection: () => network.dial() };
    return (...asked) => this.#post(connecting, ...asked);
  }

  /** Some are in a hurry. */
  #patience(): number {
    return this.#scheduler.oneIn(60) ? 1 + this.#scheduler.chance(6) : patienceMs;
  }

  #unhurried(name: string, { send, look }: Reach): Reach {
    const scheduler = this.#scheduler;
    return {
      send: async (wish, commandId) => {
        await scheduler.pause(scheduler.chance(15), `${name} thinks`);
        const outcome = await send(wish, commandId);
        scheduler.note(`${name} ${commandId} ${wish.command}: ${JSON.stringify(outcome)}`);
        return outcome;
      },
      look: async (orderIds, atLeast) => {
        await scheduler.pause(scheduler.chance(15), `${name} looks`);
        const shown = await look(orderIds, atLeast);
        scheduler.note(`${name} ${atLeast}: ${JSON.stringify(shown)}`);
        return shown;
      },
    };
  }

  /** No answer where that was cut before the answer was whole, or the patience of who asks is over. */
  #post(connecting: Connecting, ...[to, body, headers]: Parameters<Post>): ReturnType<Post> {
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<Post>>>();
    const sent = request(to, { method: 'POST', headers, ...connecting }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('error', () => {});
      response.on('close', () => {
        const status = response.statusCode ?? 0;
        if (response.complete) resolve({ status, ...(JSON.parse(text) as Omit<Answered, 'status'>) });
        else resolve({ is: 'unknown', why: 'cut' });
      });
    });
    sent.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'ECONNREFUSED' ? { is: 'unsent' } : { is: 'unknown', why: String(code) }),
    );
    sent.end(body);
    const stopWaiting = this.#scheduler.in(this.#patience(), 'gives up', () => void sent.destroy());
    return promise.finally(stopWaiting);
  }
}
