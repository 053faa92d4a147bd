export { type AnyDecider, type Command, type CommandSpec, type Decider, decider, type Handed, isRefusal } from './decider.ts';
export { type Fold, fold, type Reading, type Selection } from './fold.ts';
export {
  CommandIdReused,
  commonRejections,
  InvalidInput,
  type Issue,
  type Refusal,
  type Rejection,
  rejection,
  VersionConflict,
} from './rejection.ts';
