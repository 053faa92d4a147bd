export { type Application, application, isApplication, rowOf } from './application.ts';
export { type ExposeSpec, type Exposure, expose, type Lookup, type Relation } from './expose.ts';
