import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import { assert, limits } from '#base';
import { Backlog, type Delivery, LiveStream, Reader, type Sink, Tail } from '#livestream';
import { wrapped } from './answer.ts';
import type { Carrier } from './carrier.ts';
import { executionOptions } from './errors.ts';
import type { Execution } from './execution.ts';
import { ExecutionNames } from './executions.ts';
import { fault } from './faults.ts';
import { enter } from './operation.ts';
import type { ServerOptions } from './options.ts';
import { type Payload, payloadOf } from './payload.ts';

/** Where the results of one subscription go, and how its end is told. */
export interface Subscriber extends Sink<Payload> {
  /** The stream is open; its reader begins when this returns, unless the subscription was left. */
  opened(subscription: Subscription): void;
  /** The server stops: the client is to come back, and go on. */
  restart(): void;
}

/** One subscriber's stream. */
export interface Subscription {
  readonly reader: Reader<unknown, Payload>;
  /** The subscriber left, or was told that the stream is over: its place is free. */
  leave(): void;
}

/** The live streams of a server, whatever transport carries them. */
export interface Subscriptions {
  /**
   * Opens a stream, and begins it. Answers a result where it is refused instead; throws `TOO_MANY_STREAMS`, `SHUTTING_DOWN`, and what the wait
   * for `varve-at-least` throws.
   */
  open(args: ExecutionArgs, carrier: Carrier, subscriber: Subscriber): Promise<ExecutionResult | undefined>;
  /** A subscriber left while its stream was being opened: its place is free, and nothing is opened for it. */
  abandon(subscriber: Subscriber): void;
  /** Tells every subscriber to come back, and takes no new ones. */
  restartAll(): void;
  readonly count: number;
}

/** One execution that subscribers of the same operation, variables and rights share. */
type Group = Tail<unknown, Payload>;

/** The live streams of a server. Of all that ask the same, one operation is executed, and each result written as JSON once. */
export function subscriptions<Context>(options: ServerOptions<Context>, execution: Execution): Subscriptions {
  return new Open(options, execution);
}

class Open<Context> implements Subscriptions {
  readonly #options: ServerOptions<Context>;
  readonly #execution: Execution;
  readonly #streamsMax: number;
  readonly #names = new ExecutionNames();
  readonly #groups = new Map<string, Group>();
  readonly #backlog: Backlog;
  readonly #subscribers = new Set<Subscriber>();
  #isStopping = false;

  constructor(options: ServerOptions<Context>, execution: Execution) {
    this.#options = options;
    this.#execution = execution;
    this.#streamsMax = options.streamsMax ?? limits.streamsMax;
    this.#backlog = new Backlog(options.backlog);
  }

  get count(): number {
    return this.#subscribers.size;
  }

  restartAll(): void {
    this.#isStopping = true;
    for (const subscriber of [...this.#subscribers]) subscriber.restart();
  }

  abandon(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  async open(args: ExecutionArgs, carrier: Carrier, subscriber: Subscriber): Promise<ExecutionResult | undefined> {
    if (this.#isStopping) throw fault('SHUTTING_DOWN', 'The server is stopping.');
    if (this.count >= this.#streamsMax)
      throw fault('TOO_MANY_STREAMS', `The server has its ${this.#streamsMax} live streams open already.`);
    this.#subscribers.add(subscriber);
    let isOpen = false;
    try {
      const refused = await this.#open(args, carrier, subscriber);
      isOpen = refused === undefined;
      return refused;
    } finally {
      if (!isOpen) this.#subscribers.delete(subscriber);
    }
  }

  async #open(args: ExecutionArgs, carrier: Carrier, subscriber: Subscriber): Promise<ExecutionResult | undefined> {
    const context = await enter(this.#options, carrier);
    let isGroups = false;
    try {
      if (!this.#subscribers.has(subscriber)) return undefined;
      const validated = validateSubscriptionArgs({ ...args, contextValue: context, options: executionOptions });
      if (!('schema' in validated)) return { errors: validated };
      const source = await createSourceEventStream(validated);
      if (!(Symbol.asyncIterator in source)) return source;
      assert(source instanceof LiveStream, 'A subscription field answers with something else than a live stream.');
      if (!this.#subscribers.has(subscriber)) return undefined;
      // From here on in one turn: a group cannot be abandoned before its new reader has joined it.
      const name = this.#names.nameOf(args, source.feed.name, this.#options.sharedBy?.(context) ?? '');
      const known = this.#groups.get(name);
      isGroups = known === undefined;
      this.#begin(known ?? this.#group(name, source, validated, context), source, subscriber);
      return undefined;
    } finally {
      // The first subscriber's context is the group's; the others' have done their work.
      if (!isGroups) this.#options.release(context);
    }
  }

  #begin(group: Group, { start }: LiveStream, subscriber: Subscriber): void {
    const reader = new Reader(group, subscriber, start);
    const leave = (): void => {
      if (this.#subscribers.delete(subscriber)) reader.stop();
    };
    subscriber.opened({ reader, leave });
    if (this.#isStopping) subscriber.restart();
    reader.begin();
  }

  #group(name: string, { feed }: LiveStream, validated: ValidatedSubscriptionArgs, context: Context): Group {
    const { logger } = this.#options;
    const render = (delivery: Delivery<unknown>): Payload | Promise<Payload> => {
      const result = executed(this.#execution, { ...validated, rootValue: delivery.message });
      if (!(result instanceof Promise)) return payloadOf(result, delivery, logger);
      return result.then((settled) => payloadOf(settled, delivery, logger));
    };
    const group: Group = new Tail(feed, { render, bytesOf: ({ bytes }) => bytes }, this.#backlog, () => {
      if (this.#groups.get(name) !== group) return;
      this.#groups.delete(name);
      this.#options.release(context);
    });
    this.#groups.set(name, group);
    return group;
  }
}

/** Executes one message; whatever is thrown is a result that says so. */
function executed(execution: Execution, args: ValidatedSubscriptionArgs): ExecutionResult | Promise<ExecutionResult> {
  try {
    const result = execution.executeMessage(args);
    return result instanceof Promise ? result.catch(asResult) : result;
  } catch (error) {
    return asResult(error);
  }
}

const asResult = (error: unknown): ExecutionResult => ({ errors: [wrapped(error)] });
