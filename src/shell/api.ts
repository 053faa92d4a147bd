import type { Logger } from 'pino';
import type { Application } from '#application';
import { systemTimers, type Timers } from '#base';
import { buildSchema, type SchemaContext } from '#schema';
import { type Health, type OperationHooks, type RunningServer, type ServerOptions, startServer } from '#server';
import type { Configuration } from './configuration.ts';
import { type ApiParts, contextOf } from './context.ts';

/** Starts to answer: an application's API on its open data folder. */
export function startApi(application: Application, engine: ApiParts, configuration: Configuration, logger: Logger): Promise<RunningServer> {
  const { port, host, origins, plain } = configuration;
  return startServer({
    ...apiHooks(engine),
    schema: buildSchema(application),
    port,
    host,
    origins,
    shortWay: !plain,
    compiled: !plain,
    logger,
    graphiql: { title: `Varve: ${application.name}`, defaultQuery: application.playground },
  });
}

/** How operations are led to what they stand on, whatever carries them. */
export function apiHooks(
  parts: ApiParts,
  timers: Timers = systemTimers,
): OperationHooks<SchemaContext> & Pick<ServerOptions<SchemaContext>, 'health'> {
  const { hub, log, position } = parts;
  return {
    context: contextOf(parts),
    waitFor: async (awaited, timeoutMs) => {
      const tooLong = new AbortController();
      const callOff = timers.after(timeoutMs, () => tooLong.abort());
      await hub.past(awaited - 1, tooLong.signal);
      callOff();
      return position() >= awaited;
    },
    positionSeen: ({ reads }) => reads.seen,
    accepted: ({ accepted }) => accepted,
    release: ({ reads }) => reads.end(),
    health: async () => ({
      ...(await partsHealth(log)),
      position: position(),
      store: log.kind,
      ...(log.walBytes && { walBytes: log.walBytes() }),
      ...reactionsHealth(parts),
    }),
  };
}

async function partsHealth({ parts }: ApiParts['log']): Promise<Pick<Health, 'status' | 'parts'>> {
  if (!parts) return { status: 'ok' };
  const reached = await Promise.all(Object.entries(parts).map(async ([name, look]) => [name, await look()] as const));
  return { status: reached.every(([, is]) => is === 'ok') ? 'ok' : 'unavailable', parts: Object.fromEntries(reached) };
}

function reactionsHealth({ reactions, position }: ApiParts): Pick<Health, 'reactions'> {
  const states = reactions?.() ?? [];
  if (states.length === 0) return {};
  return {
    reactions: states.map(({ name, position: at, failing }) => ({
      name,
      position: String(at),
      behind: Math.max(0, position() - at),
      failing,
    })),
  };
}
