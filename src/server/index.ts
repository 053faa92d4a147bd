export type { Carrier } from './carrier.ts';
export type { Health, OperationHooks, RunningServer, ServerOptions } from './options.ts';
export { type OpenServer, openServer, startServer } from './server.ts';
