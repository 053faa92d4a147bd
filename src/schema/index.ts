export { buildSchema } from './build.ts';
export type { LiveSources, SchemaContext } from './context.ts';
export { type EventExamples, exampleComplaints } from './eventexamples.ts';
export { type EventShape, type EventShapes, eventShapes } from './eventshapes.ts';
export { type EventHistory, extendHistory, incompatibilities } from './history.ts';
export { Reads } from './reads.ts';
export { printSdl } from './sdl.ts';
