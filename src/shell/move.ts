import type { Application } from '#application';
import { limits, VarveError } from '#base';
import { type ExportSource, exportPages, type Head } from '#eventstore';
import type { Interruption } from './interruption.ts';
import { type Place, shownPlace } from './place.ts';
import type { ShowProgress } from './progress.ts';
import { openMoveSource, type RestReads } from './sources.ts';
import { inTarget, type Target, takeIn } from './taking.ts';

/** Where a log is, and where it is to be. */
export interface MoveWish {
  readonly from: Place;
  readonly to: Place;
}

/** What was moved. */
export interface Moved extends Head {
  /** Read tables whose changes went along: who follows their rows goes on. Who follows those of others begins anew. */
  readonly followed: readonly string[];
}

interface Told {
  readonly show: ShowProgress;
  readonly interruption: Interruption;
}

/**
 * Copies a log to a place that holds none, whatever kind of store the two are: events, receipts, the journal of row changes, and how far reactions have come;
 * read tables are built anew from it. The log that is copied stays as it is, and nobody writes to it meanwhile. Broken off, it goes on when it is done again;
 * until it has ended no server starts at the new place. Throws `BAD_CONFIGURATION`, `MOVE_SOURCE_CHANGED`, `STORAGE_CORRUPT` at the first event that is not what
 * was stored, and what {@link takeIn} and opening the two throw.
 */
export async function move(
  application: Application,
  { from, to }: MoveWish,
  show: ShowProgress,
  interruption: Interruption,
): Promise<Moved> {
  assertMovable(from, to);
  const told = { show, interruption };
  const source = await openMoveSource(from);
  try {
    return await inTarget(application, to, 'varve move', async (target) => {
      let followed: readonly string[] = [];
      const atEnd = async (head: Head) => {
        await source.assertUnchanged(head);
        const rest = source.rest();
        followed = await moveJournal(rest, target, head, told);
        const reactions = await rest.reactions();
        await target.store.log.transaction(({ connection }) => target.reactions.put(connection, reactions));
        await source.assertUnchanged(head);
      };
      const head = await takeIn({ application, target, lines: linesOf(await source.open(), told), ...told, atEnd });
      return { ...head, followed };
    });
  } finally {
    await source.close();
  }
}

function assertMovable(from: Place, to: Place): void {
  if ('folder' in from !== 'folder' in to || ('url' in from && shownPlace(from) !== shownPlace(to))) return;
  throw new VarveError({
    code: 'BAD_CONFIGURATION',
    message: `A log is not moved from ${shownPlace(from)} to ${shownPlace(to)}.`,
    hint: 'Give another kind of store, or another database: varve move --from .varve --to postgres://user:password@host:5432/database. A folder is copied by varve backup.',
  });
}

async function* linesOf(source: ExportSource, { show, interruption }: Told): AsyncGenerator<string> {
  for await (const { lines, done, total } of exportPages(source)) {
    interruption.check();
    show({ title: 'Moving', unit: 'events', done, total });
    yield* lines;
  }
}

/** Takes along the changes of the read tables that both sides have built by the same: their rows are the same, so their changes are. Answers their names. */
async function moveJournal<Connection>(source: RestReads, target: Target<Connection>, head: Head, told: Told): Promise<readonly string[]> {
  const { store, journal } = target;
  const built = new Map((await store.log.reading(({ connection }) => journal.tables(connection))).map(({ name, hash }) => [name, hash]));
  const tables = (await source.tables()).filter(({ name, hash }) => built.get(name) === hash);
  for (const { name } of tables) await moveEntries(source, target, name, head, told);
  await store.log.transaction(async ({ connection }) => {
    for (const table of tables) await journal.note(connection, table);
  });
  return tables.map(({ name }) => name);
}

async function moveEntries<Connection>(
  source: RestReads,
  { store: { log }, journal }: Target<Connection>,
  table: string,
  { position: total }: Head,
  { show, interruption }: Told,
): Promise<void> {
  // After those that were stored before it was broken off.
  let [done, key] = (await log.reading(({ connection }) => journal.end(connection, table))) ?? [0, ''];
  for (;;) {
    const entries = await source.entries(table, [done, key], limits.journalPageChangesMax);
    const last = entries.at(-1);
    if (!last) return;
    await log.transaction(({ connection }) => journal.put(connection, table, entries));
    [done, key] = last;
    interruption.check();
    show({ title: `Moving changes of ${table}`, unit: 'positions', done, total });
  }
}
