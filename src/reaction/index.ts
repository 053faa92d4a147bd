export { pauseAfter } from './faults.ts';
export type { ReactionListener, ReactionNotes, ReactionParts, ReactionState } from './port.ts';
export { type Attempt, type Reaction, type ReactionOptions, reaction } from './reaction.ts';
export { type Reactor, startReactor } from './reactor.ts';
export { noteReaction, reactionPositions, sqliteNotes } from './sqlite.ts';
