import type { Logger } from 'pino';
import { type Application, buildSchema } from '#schema';
import { startServer } from '#server';
import type { Configuration } from './configuration.ts';
import { contextOf } from './context.ts';
import { open } from './open.ts';
import { toldOfRebuild } from './progress.ts';
import { type StopSignals, stopSignals } from './signals.ts';

/** A server that answers. */
export interface Running {
  /** Where: `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  readonly data: string;
  /** Finishes what is under way, refuses the rest, closes the file. */
  stop(): Promise<void>;
  /** Resolves when it has stopped. */
  readonly ended: Promise<void>;
}

/** What the process ends with where it cannot go on: the system's own code for a fault inside a program (sysexits.h, EX_SOFTWARE). */
const exitCodes = { broken: 70 };

/** Serves an application from a data folder until it is stopped, by `stop` or by SIGTERM or SIGINT. */
export async function serve(application: Application, configuration: Configuration, logger: Logger): Promise<Running> {
  const signals = stopSignals(logger);
  try {
    return await start(application, configuration, logger, signals);
  } catch (fault) {
    signals.leave();
    throw fault;
  }
}

async function start(
  application: Application,
  { port, host, data, origins, plain }: Configuration,
  logger: Logger,
  signals: StopSignals,
): Promise<Running> {
  const schema = buildSchema(application);
  const engine = await open(application, data, {
    onRebuild: toldOfRebuild(logger, signals),
    onFault: (err) => logger.error({ err }, 'Live streams could not be told of a commit.'),
    writer: plain || application.module === undefined ? 'here' : 'thread',
    onBroken: (err) => {
      // Never half alive: what answers reads, but takes no command, would be taken for well.
      logger.fatal({ err }, "The writer's thread has broken: the process ends.");
      process.exit(exitCodes.broken);
    },
  });
  const context = contextOf(engine);
  const server = await startServer({
    schema,
    context: (carrier) => context(carrier),
    waitFor: async (position, timeoutMs) => {
      await engine.hub.past(position - 1, AbortSignal.timeout(timeoutMs));
      return engine.position() >= position;
    },
    positionSeen: ({ reads }) => reads.seen,
    release: ({ reads }) => reads.end(),
    health: () => ({ status: 'ok', position: engine.position(), store: engine.log.kind }),
    port,
    host,
    origins,
    shortWay: !plain,
    compiled: !plain,
    logger,
    graphiql: { title: `Varve: ${application.name}`, defaultQuery: application.playground },
  }).catch(async (fault: unknown) => {
    await engine.close();
    throw fault;
  });
  const { stop, ended } = once(async () => {
    await server.close();
    await engine.close();
    signals.leave();
    logger.info({ position: engine.position() }, 'stopped');
  });
  signals.call(stop);
  const url = `${server.url}/graphql`;
  logger.info({ url, data, position: engine.position() }, 'serving');
  return { url, data, stop, ended };
}

/** Work that is done once, however often it is asked for; and its end, for whoever only waits. */
function once(work: () => Promise<void>): { readonly stop: () => Promise<void>; readonly ended: Promise<void> } {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let working: Promise<void> | undefined;
  return { stop: () => (working ??= work().then(resolve)), ended };
}
