export { type Application, application, type Exposure, expose } from '#application';
export {
  add,
  type Decimal as DecimalValue,
  fingerprint,
  formatDecimal,
  limits,
  parseDecimal,
  subtract,
  times,
  VarveError,
  zero,
} from '#base';
export { type Scenario, scenario } from '#command';
export {
  type Command,
  CommandIdReused,
  type Decider,
  decider,
  type Fold,
  fold,
  InvalidInput,
  type Reading,
  type Refusal,
  type Rejection,
  rejection,
  VersionConflict,
} from '#decider';
export { type Catalogue, Decimal, events, type Fact, Id, Instant, type Recorded } from '#event';
export { ignore, type Projection, projection, type RowChange } from '#projector';
export { type Attempt, type Reaction, reaction } from '#reaction';
export {
  boolean,
  type Column,
  decimal,
  hidden,
  id,
  instant,
  int,
  list,
  oneOf,
  optional,
  type Row,
  type Table,
  table,
  text,
} from '#readtable';
export {
  type Checked,
  type Configuration,
  check,
  configure,
  contractComplaints,
  type Engine,
  type Finding,
  open,
  type Running,
  serve,
  type Verified,
  verify,
  writeContracts,
} from '#shell';
