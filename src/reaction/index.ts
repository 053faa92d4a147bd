export { pauseAfter } from './faults.ts';
export type { ReactionListener, ReactionNotes, ReactionParts, ReactionState, StoredReactions } from './port.ts';
export { passOver, postgresNotes, postgresReactions } from './postgres.ts';
export { type Attempt, type Reaction, reaction } from './reaction.ts';
export { type Reactor, startReactor } from './reactor.ts';
export { noteReaction, sqliteNotes, sqliteReactions } from './sqlite.ts';
