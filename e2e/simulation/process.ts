import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { Timers } from '#base';
import type { OpenServer } from '#server';
import { openApi } from '../../src/shell/simulated.fixture.ts';
import type { Asking } from './disk.ts';
import type { Network, Socket } from './network.ts';
import { codec, type WriterParts, type Writing, writeApart, writeHere } from './writers.ts';

/** The world that a process runs in. */
export interface Surroundings extends WriterParts {
  readonly network: Network;
  readonly schema: GraphQLSchema;
  readonly logger: Logger;
}

/** What a process is made of. */
interface Parts extends Writing {
  readonly server: OpenServer;
}

/**
 * A server's process, as `serve` puts it together: dispatcher, hub, API. It dies at once, with all that it has in memory; or it stops, as it is told to.
 */
export class Process implements Asking {
  readonly ended: Promise<never>;
  readonly #world: Surroundings;
  readonly #sockets = new Set<Socket>();
  readonly #end = Promise.withResolvers<never>();
  readonly #timers = new Set<() => void>();
  #parts: Parts | undefined;
  #isOver = false;

  constructor(world: Surroundings) {
    this.#world = world;
    this.ended = this.#end.promise;
    this.ended.catch(() => {});
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isServing(): boolean {
    return this.#parts !== undefined && !this.#isOver;
  }

  /** How many watch what comes. */
  get watching(): number {
    return this.#parts?.hub.watching ?? 0;
  }

  /** Starts, and listens. It may die before it does. */
  async start(): Promise<void> {
    const { scheduler, network } = this.#world;
    const parts = await this.#open();
    if (this.#isOver) return;
    this.#parts = parts;
    scheduler.note(`serves from ${parts.hub.position} on`);
    network.listen((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      parts.server.accept(socket);
    });
  }

  /** Dies at once. */
  end(): void {
    if (this.#isOver) return;
    this.#world.scheduler.note('dies');
    this.#leave();
    for (const socket of [...this.#sockets]) socket.vanish();
  }

  /** Stops as on SIGTERM: what is under way is finished, the rest refused. Answers whether it came to that before it died. */
  async stop(): Promise<boolean> {
    if (!this.#parts) return false;
    this.#world.scheduler.note('stops');
    const died = this.ended.catch(() => true);
    if (await Promise.race([this.#close(this.#parts), died])) return false;
    this.#world.scheduler.note('has stopped');
    this.#leave();
    return true;
  }

  async #close({ server, writer, hub }: Parts): Promise<boolean> {
    await server.close();
    await writer.close();
    hub.close();
    return this.#isOver;
  }

  #leave(): void {
    this.#isOver = true;
    this.#world.network.listen();
    for (const callOff of this.#timers) callOff();
    this.#end.reject(new Error('The process is over.'));
  }

  async #open(): Promise<Parts> {
    const { scheduler, disk, setting, build, schema, logger } = this.#world;
    const mounted = build.store(disk.mount(this), scheduler);
    const timers = this.#ownTimers();
    const { hub, writer } = setting.isApart ? await writeApart(this.#world, this, mounted, timers) : writeHere(this.#world, mounted);
    const { send, close } = build.writer(writer, mounted);
    const engine = { send, log: mounted.log, codec, hub, snapshots: mounted.snapshots, position: () => hub.position };
    const { backlog, shortWay, compiled, heartbeatMs, streamsMax } = setting;
    const server = openApi(engine, { schema, logger, timers, backlog, shortWay, compiled, heartbeatMs, streamsMax });
    return { hub, writer: { send, close }, server };
  }

  /** Timers that are over with the process. */
  #ownTimers(): Timers {
    const { scheduler } = this.#world;
    const own = (start: (call: () => void) => () => void, call: () => void): (() => void) => {
      const callOff = start(() => {
        if (!this.#isOver) call();
      });
      this.#timers.add(callOff);
      return () => {
        this.#timers.delete(callOff);
        callOff();
      };
    };
    return {
      after: (ms, call) => own((alive) => scheduler.after(ms, alive), call),
      every: (ms, call) => own((alive) => scheduler.every(ms, alive), call),
    };
  }
}
