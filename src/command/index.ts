export { Answering } from './answering.ts';
export { type CrossingPort, packFault, unpackFault } from './crossing.ts';
export { Deciding, DecidingWatch, decidingMemory } from './deciding.ts';
export { type Dispatcher, dispatcher, type LocalDispatcher, type OnCommit } from './dispatcher.ts';
export type { Accepted, Outcome, Refused, SendOptions } from './envelope.ts';
export { codecOf, type Domain, type MemoryEngine, type MemoryOptions, openMemoryEngine } from './memory.ts';
export { type RemoteDispatcher, type RemoteParts, remoteDispatcher } from './remote.ts';
export { type Scenario, type ScenarioOutcome, scenario } from './scenario.ts';
