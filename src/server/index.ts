export type { Carrier } from './carrier.ts';
export type { Health, OperationHooks, RunningServer, ServerOptions } from './options.ts';
export { startServer } from './server.ts';
