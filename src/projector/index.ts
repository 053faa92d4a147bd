export type { Change, Commit } from './change.ts';
export { hashesOf, ignore, type Projection, projection, projectionsByType, type RowChange } from './projection.ts';
export { type Projector, type ProjectorWork, projector, type RowsBounds } from './projector.ts';
export { type Patience, type RebuildProgress, rebuild } from './rebuild.ts';
export { FoldedRow } from './row.ts';
