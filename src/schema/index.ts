export { buildSchema } from './build.ts';
export type { SchemaContext } from './context.ts';
export { type EventExamples, exampleComplaints } from './eventexamples.ts';
export { eventShapes } from './eventshapes.ts';
export { type EventHistory, extendHistory, incompatibilities } from './history.ts';
export { Reads } from './reads.ts';
export { printSdl } from './sdl.ts';
