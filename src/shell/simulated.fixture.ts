import type { GraphQLSchema } from 'graphql';
import { type OpenServer, openServer, type ServerOptions } from '#server';
import { apiHooks } from './api.ts';
import type { ApiParts } from './context.ts';

// What `serve` puts together, for a simulation that has other parts to put in.
export { startApart } from './apart.ts';
export type { Thread } from './thread.ts';

/** What may be set of an API that listens nowhere. */
export interface ApiOptions
  extends Pick<ServerOptions<unknown>, 'logger' | 'timers' | 'backlog' | 'shortWay' | 'compiled' | 'heartbeatMs' | 'streamsMax'> {
  readonly schema: GraphQLSchema;
}

/** An API as `serve` puts it together, that listens nowhere: it answers on the connections that it is handed. */
export function openApi(parts: ApiParts, options: ApiOptions): OpenServer {
  return openServer({ ...apiHooks(parts, options.timers), ...options });
}
