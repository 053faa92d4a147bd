import type { Logger } from 'pino';
import type { Application } from '#application';
import type { Configuration } from './configuration.ts';
import { openPlace } from './open.ts';
import { shownPlace } from './place.ts';
import { toldOfRebuild } from './progress.ts';
import { type StopSignals, stopSignals } from './signals.ts';

/** A server that answers. */
export interface Running {
  /** Where: `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  /** Where its log is, without a password. */
  readonly data: string;
  /** Finishes what is under way, refuses the rest, closes the store. */
  stop(): Promise<void>;
  /** Resolves when it has stopped. */
  readonly ended: Promise<void>;
}

/**
 * What the process ends with where it cannot go on, by sysexits.h: a fault inside the program (EX_SOFTWARE), or that another version of it has taken over, which may
 * be what is started next (EX_TEMPFAIL).
 */
const exitCodes = { broken: 70, superseded: 75 };

/** Serves an application until it is stopped, by `stop`, by SIGTERM or SIGINT, or by another version of it that takes over. */
export async function serve(application: Application, configuration: Configuration, logger: Logger): Promise<Running> {
  const signals = stopSignals(logger);
  try {
    return await start(application, configuration, logger, signals);
  } catch (fault) {
    signals.leave();
    throw fault;
  }
}

async function start(application: Application, configuration: Configuration, logger: Logger, signals: StopSignals): Promise<Running> {
  const { place, plain, commandTimeMaxMs, receiptsDays } = configuration;
  const data = shownPlace(place);
  // The log is opened in the writer's thread: what answers is loaded meanwhile.
  const api = import('./api.ts');
  api.catch(() => {});
  const engine = await openPlace(application, place, {
    onRebuild: toldOfRebuild(logger, signals),
    onFault: (err) => logger.error({ err }, 'Live streams could not be told of a commit.'),
    onReactionFault: (err) => logger.error({ err }, 'A reaction has not gone well, and is tried again.'),
    writer: plain || application.module === undefined ? 'here' : 'thread',
    commandTimeMaxMs,
    receiptsDays,
    onSuperseded: (err) => {
      // Its live streams would be told of nothing, and its clients be refused: they go on at the other version.
      logger.warn({ err }, 'Another version of the program has taken over: the process ends.');
      process.exitCode = exitCodes.superseded;
      signals.stop('SUPERSEDED');
    },
    onBroken: (err) => {
      // Never half alive: what answers reads, but takes no command, would be taken for well.
      logger.fatal({ err }, "The writer's thread has broken: the process ends.");
      process.exit(exitCodes.broken);
    },
  });
  const server = await api
    .then(({ startApi }) => startApi(application, engine, configuration, logger))
    .catch(async (fault: unknown) => {
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
