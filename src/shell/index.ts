export { type Configuration, configure } from './configuration.ts';
export { type Engine, open, type OpenOptions } from './open.ts';
export { type Running, serve } from './serve.ts';
