export { type AnyDecider, type Command, type Decider, decider, isRefusal } from './decider.ts';
export { type Fold, fold, type Reading, type Selection } from './fold.ts';
export {
  CommandIdReused,
  commonRejections,
  InvalidInput,
  type Refusal,
  type Rejection,
  rejection,
  VersionConflict,
} from './rejection.ts';
