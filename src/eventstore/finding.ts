import type { Position } from '#base';

/**
 * What may be wrong with a log:
 * - `FILE_DAMAGED`: SQLite finds the file broken;
 * - `POSITION_GAP`: positions are not contiguous from 1;
 * - `VERSION_GAP`: the versions of a stream are not contiguous from 1, or not in the order of the positions;
 * - `CHAIN_BROKEN`: an event is not the one that its hash, or the hash of the event after it, stands for;
 * - `EVENT_DAMAGED`: metadata or a moment that Varve never wrote;
 * - `EVENT_UNREADABLE`: the present program cannot decode it;
 * - `TAGS_DIFFER`: it has other tags than the present program gives its data;
 * - `TAG_ASTRAY`: a tag of an event that is not there;
 * - `COMMAND_SPLIT`: one command's events stand in two streams;
 * - `RECEIPT_MISSING`, `RECEIPT_WRONG`, `RECEIPT_AHEAD`: a command that could take effect again, or is answered with what never was;
 * - `REACTION_AHEAD`: a reaction is said to have come further than the log;
 * - `HEAD_LOST`, `HEAD_DIFFERS`: the log does not begin with what was noted.
 */
export type LogFindingCode =
  | 'FILE_DAMAGED'
  | 'POSITION_GAP'
  | 'VERSION_GAP'
  | 'CHAIN_BROKEN'
  | 'EVENT_DAMAGED'
  | 'EVENT_UNREADABLE'
  | 'TAGS_DIFFER'
  | 'TAG_ASTRAY'
  | 'COMMAND_SPLIT'
  | 'RECEIPT_MISSING'
  | 'RECEIPT_WRONG'
  | 'RECEIPT_AHEAD'
  | 'REACTION_AHEAD'
  | 'HEAD_LOST'
  | 'HEAD_DIFFERS';

/** Something that is wrong with a log: what, where, and a sentence. */
export interface LogFinding {
  readonly code: LogFindingCode;
  readonly message: string;
  readonly position?: Position;
  readonly stream?: string;
  readonly commandId?: string;
}

/** It would pass over the events that come there. */
export const reactionAhead = (name: string, position: Position, last: Position): LogFinding => ({
  code: 'REACTION_AHEAD',
  message: `The reaction ${name} has come to position ${position} of the log, which ends at ${last}.`,
  position,
});

/** An event stands before the first position. */
export const beforeFirst = (position: Position): LogFinding => ({
  code: 'POSITION_GAP',
  message: `There is an event at position ${position}; positions begin with 1.`,
  position,
});

/** An event's version is not the next one after `before`, that of the event before it in its stream; or it is, and the event stands before that one. */
export function versionGap(stream: string, version: number, position: Position, before: number): LogFinding {
  const why =
    version === before + 1 ? 'but stands before the version that it follows' : `after version ${before}, so there is none between them`;
  return {
    code: 'VERSION_GAP',
    message: `The event at position ${position} is version ${version} of ${stream}, ${why}.`,
    position,
    stream,
  };
}

/** A tag of an event that is not there. */
export const tagAstray = (tag: string, position: Position): LogFinding => ({
  code: 'TAG_ASTRAY',
  message: `The tag ${tag} names position ${position}, where there is no event.`,
  position,
});

/** A receipt is ahead of a log that ends at `last`; or else, at its position the stream had not come to what it answers. */
export function receiptAstray(commandId: string, position: Position, last: Position, isAhead: boolean): LogFinding {
  const [code, why] = isAhead
    ? (['RECEIPT_AHEAD', `which ends at ${last}`] as const)
    : (['RECEIPT_WRONG', 'which did not hold then what the receipt answers'] as const);
  return { code, message: `The receipt of the command ${commandId} says position ${position} of the log, ${why}.`, position, commandId };
}
