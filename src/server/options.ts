import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Position, Timers } from '#base';
import type { BacklogSizes } from '#livestream';
import type { AcceptedCommands } from './accepted.ts';
import type { Carrier } from './carrier.ts';

/** What an operation is surrounded by, the same for every transport. */
export interface OperationHooks<Context> {
  /** One place where every transport's context is built; resolvers get it as it is. `atLeast`: the position that a request demands to see, which the log has reached. */
  context(carrier: Carrier, atLeast: Position | undefined): Context | Promise<Context>;
  /** What of a context a subscription's results depend on: where it is the same text, subscribers share one execution. Left out: nothing. */
  sharedBy?(context: Context): string;
  /** Waits until the log is at this position; false after the time. */
  waitFor(position: Position, timeoutMs: number): Promise<boolean>;
  /** Called when a query's or mutation's result is complete: what its reads saw, for `extensions.position`. undefined: none. */
  positionSeen(context: Context): Position | undefined;
  /** Called then too: the commands of the operation that were accepted. Left out: none ever is. */
  accepted?(context: Context): AcceptedCommands;
  /** Called once when the operation ended, however it did; for a subscription, when its stream did. */
  release(context: Context): void;
}

/** What `/health` says. */
export interface Health {
  /** `unavailable`: a part of the store does not answer; the server goes on by itself when it does. */
  readonly status: 'ok' | 'starting' | 'stopping' | 'unavailable';
  readonly position: Position;
  /** The store's kind. */
  readonly store: string;
  /** Where a network lies between: each part of the store, with `ok` or the code of why it does not answer. */
  readonly parts?: Readonly<Record<string, string>>;
  /** Bytes of the store's write-ahead log, where it has one: far above its bound, something reads that does not end. */
  readonly walBytes?: number;
  /** Where there are reactions: the position that each is through with, how many it has before it, and whether what it tried last has failed. */
  readonly reactions?: readonly {
    readonly name: string;
    readonly position: string;
    readonly behind: number;
    readonly failing: boolean;
  }[];
}

/** A server around any schema. */
export interface ServerOptions<Context> extends OperationHooks<Context> {
  readonly schema: GraphQLSchema;
  health(): Health | Promise<Health>;
  /**
   * Where it listens, and so by which names it may be asked. Left out: `127.0.0.1`, this machine only. Whoever reaches the server may send it commands, so the world is let in only by an
   * operator who says so (`0.0.0.0`, in a container for one); and `localhost` would mean whichever of two addresses is found first.
   */
  readonly host?: string;
  /** Origins, such as `https://shop.example`, whose pages may use the API from a browser besides the server's own. Left out: none. */
  readonly origins?: readonly string[];
  readonly logger: Logger;
  /** Left out: no GraphiQL. */
  readonly graphiql?: { readonly defaultQuery: string; readonly title: string };
  /** False: a POST too goes through Yoga's own handling of requests, which answers the same, slower. Left out: true. */
  readonly shortWay?: boolean;
  /** False: graphql-js executes every operation, which answers the same, slower. Left out: true, operations are compiled. */
  readonly compiled?: boolean;
  /** Live streams at a time; left out: `limits.streamsMax`. */
  readonly streamsMax?: number;
  /** What is kept for live streams whose readers fall behind; left out: `limits.backlog…`. */
  readonly backlog?: Partial<BacklogSizes>;
  /** A quiet live stream and an idle WebSocket say something at least this often; left out: `limits.heartbeatMs`. */
  readonly heartbeatMs?: number;
  /** How long requests under way may take when the server stops; left out: `limits.shutdownWaitMs`. */
  readonly shutdownWaitMs?: number;
  /** What beats and waits by; left out: the machine's own timers. */
  readonly timers?: Timers;
}

/** A server that listens at a port. */
export interface ListeningOptions<Context> extends ServerOptions<Context> {
  /** 0: any free one. */
  readonly port: number;
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** `http://127.0.0.1:4000`, without a path. */
  readonly url: string;
  /** Stops: finishes what is under way, refuses what comes meanwhile, ends live streams, closes every connection. */
  close(): Promise<void>;
}
