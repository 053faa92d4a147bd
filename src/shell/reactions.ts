import { type Position, VarveError } from '#base';
import { openInspection, type StoredEvent } from '#eventstore';
import { noteReaction, reactionPositions } from '#reaction';
import { logFile } from './place.ts';
import { withLog } from './withlog.ts';

/** How far a reaction has come. */
export interface ListedReaction {
  readonly name: string;
  /** It is through with all events up to here, as it is noted: a server notes after each answer, and each second what it has passed over. */
  readonly position: Position;
  /** Events after it. */
  readonly behind: number;
}

/** An event that a reaction was made to pass over. */
export type Skipped = { readonly name: string } & Pick<StoredEvent, 'position' | 'type' | 'stream' | 'eventId'>;

/** The reactions that a log knows, by name; only reads, beside a running server too. Throws what {@link openInspection} throws. */
export function listReactions(folder: string): readonly ListedReaction[] {
  const log = openInspection(logFile(folder));
  try {
    log.hold();
    const { position: last } = log.head();
    return [...reactionPositions(log.db)].map(([name, position]) => ({ name, position, behind: last - position }));
  } finally {
    log.close();
  }
}

/**
 * Has a reaction pass over the event that it stands before, beside a running server too. Throws `BAD_CONFIGURATION` where the log knows no such reaction,
 * `NOTHING_TO_SKIP` where it is through with all events, and what opening a log throws.
 */
export function skipEvent(folder: string, name: string): Promise<Skipped> {
  return withLog(folder, 'varve reactions', (log) =>
    log.transaction(async ({ connection, read }) => {
      const known = reactionPositions(connection);
      const after = known.get(name);
      if (after === undefined) throw unknown(name, [...known.keys()]);
      const [event] = await read('all', { after, limit: 1 });
      if (!event) throw nothingToSkip(name, after);
      noteReaction(connection, name, event.position);
      const { position, type, stream, eventId } = event;
      return { name, position, type, stream, eventId };
    }),
  );
}

const unknown = (name: string, known: readonly string[]) =>
  new VarveError({
    code: 'BAD_CONFIGURATION',
    message: `The log knows no reaction ${JSON.stringify(name)}.`,
    hint: known.length > 0 ? `It knows: ${known.join(', ')}.` : 'It knows none: start a server of an application that has some.',
  });

const nothingToSkip = (name: string, position: Position) =>
  new VarveError({
    code: 'NOTHING_TO_SKIP',
    message: `The reaction ${name} is through with all events, up to position ${position}.`,
    hint: 'Look where it stands: varve reactions',
  });
