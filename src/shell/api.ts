import type { Logger } from 'pino';
import type { Application } from '#application';
import { buildSchema } from '#schema';
import { type RunningServer, startServer } from '#server';
import type { Configuration } from './configuration.ts';
import { contextOf } from './context.ts';
import type { Engine } from './open.ts';

/** Starts to answer: an application's API on its open data folder. */
export function startApi(application: Application, engine: Engine, configuration: Configuration, logger: Logger): Promise<RunningServer> {
  const { port, host, origins, plain } = configuration;
  const context = contextOf(engine);
  return startServer({
    schema: buildSchema(application),
    context: (carrier) => context(carrier),
    waitFor: async (position, timeoutMs) => {
      await engine.hub.past(position - 1, AbortSignal.timeout(timeoutMs));
      return engine.position() >= position;
    },
    positionSeen: ({ reads }) => reads.seen,
    release: ({ reads }) => reads.end(),
    health: () => ({ status: 'ok', position: engine.position(), store: engine.log.kind, walBytes: engine.log.walBytes() }),
    port,
    host,
    origins,
    shortWay: !plain,
    compiled: !plain,
    logger,
    graphiql: { title: `Varve: ${application.name}`, defaultQuery: application.playground },
  });
}
