export { buildSchema } from './build.ts';
export type { LiveSources, SchemaContext } from './context.ts';
export { type EventShape, eventShapes } from './eventshapes.ts';
export { Reads } from './reads.ts';
export { printSdl } from './sdl.ts';
