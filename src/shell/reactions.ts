import { type Position, VarveError } from '#base';
import { openInspection, openPostgresLook, type StoredEvent } from '#eventstore';
import { noteReaction, passOver, postgresReactions, sqliteReactions } from '#reaction';
import { type DatabasePlace, type FolderPlace, logFile, type Place } from './place.ts';
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

/** The reactions that a log knows, by name; only reads, beside running servers too. Throws what opening the log to look at it throws. */
export async function listReactions(place: Place): Promise<readonly ListedReaction[]> {
  const [positions, last] = await ('folder' in place ? lookIntoFolder(place) : lookIntoDatabase(place));
  return [...positions].map(([name, position]) => ({ name, position, behind: Math.max(0, last - position) }));
}

type Looked = readonly [positions: ReadonlyMap<string, Position>, last: Position];

async function lookIntoFolder({ folder }: FolderPlace): Promise<Looked> {
  const log = openInspection(logFile(folder));
  try {
    log.hold();
    return [await sqliteReactions.positions(log.db), log.head().position];
  } finally {
    log.close();
  }
}

async function lookIntoDatabase({ url, log: name }: DatabasePlace): Promise<Looked> {
  const log = await openPostgresLook(url, name);
  try {
    return [await postgresReactions.positions(log.sql), await log.position()];
  } finally {
    await log.close();
  }
}

/**
 * Has a reaction pass over the event that it stands before, beside running servers too. Throws `BAD_CONFIGURATION` where the log knows no such reaction,
 * `NOTHING_TO_SKIP` where it is through with all events, and what opening a log throws.
 */
export async function skipEvent(place: Place, name: string): Promise<Skipped> {
  const [known, event] = await ('folder' in place ? skipInFolder(place, name) : skipInDatabase(place, name));
  const after = known.get(name);
  if (after === undefined) throw unknown(name, [...known.keys()]);
  if (!event) throw nothingToSkip(name, after);
  const { position, type, stream, eventId } = event;
  return { name, position, type, stream, eventId };
}

/** How far reactions had come, and the event that the one passes over; undefined where there is none. */
type Passed = readonly [known: ReadonlyMap<string, Position>, event: StoredEvent | undefined];

const skipInFolder = ({ folder }: FolderPlace, name: string): Promise<Passed> =>
  withLog(folder, 'varve reactions', (log) =>
    log.transaction(async ({ connection, read }) => {
      const known = await sqliteReactions.positions(connection);
      const after = known.get(name);
      const [event] = after === undefined ? [] : await read('all', { after, limit: 1 });
      if (event) noteReaction(connection, name, event.position);
      return [known, event];
    }),
  );

async function skipInDatabase({ url, log: name }: DatabasePlace, reaction: string): Promise<Passed> {
  const log = await openPostgresLook(url, name, false);
  try {
    const known = await postgresReactions.positions(log.sql);
    const position = await passOver(log.sql, reaction);
    return [known, position === undefined ? undefined : (await log.read('all', { after: position - 1, limit: 1 }))[0]];
  } finally {
    await log.close();
  }
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
