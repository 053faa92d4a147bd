export { throwAlone } from './alone.ts';
export { assert } from './assert.ts';
export { type Clock, fixedClock, systemClock } from './clock.ts';
export { add, type Decimal, formatDecimal, parseDecimal, readDecimal, subtract, times, zero } from './decimal.ts';
export { type Fault, VarveError } from './errors.ts';
export { fingerprint, type NewId, newUuid } from './ids.ts';
export { limits } from './limits.ts';
export { type Position, parsePosition } from './position.ts';
export { roughBytes } from './size.ts';
