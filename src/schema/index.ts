export { type Application, application, isApplication, rowOf } from './application.ts';
export { buildSchema } from './build.ts';
export type { LiveSources, SchemaContext } from './context.ts';
export { type EventShape, eventShapes } from './eventshapes.ts';
export { type ExposeSpec, type Exposure, expose, type FilterField, type ListSpec, type Lookup, type Relation } from './expose.ts';
export { Reads } from './reads.ts';
export { printSdl } from './sdl.ts';
