import { limits, type Position } from '#base';
import type { EventCodec } from '#event';
import { type LogFinding, type LogInspection, LogWalk } from '#eventstore';
import { compareRows, type RowDifference, type StandingTables, sqliteStanding, type Table } from '#readtable';
import type { TableFinding } from './findings.ts';
import type { ScratchRebuild } from './scratch.ts';

/** What a log is folded anew with. */
export interface RefoldParts {
  readonly log: LogInspection;
  readonly codec: EventCodec;
  readonly rebuild: ScratchRebuild;
  readonly report: (finding: LogFinding | TableFinding) => void;
  readonly onEvents: (done: number, total: number) => void;
}

/** How often the log is followed to where it has got to meanwhile, before that moment is held: each time there is less. */
const roundsMax = 5;

/**
 * Reads all of a log that a server may be writing to, holds each event to what must be true of it, and folds it into a rebuild. At the end it holds the
 * moment that it has come to: the read tables that stand are those of the same log.
 */
export async function refold(parts: RefoldParts): Promise<void> {
  const { log, codec, report } = parts;
  const walk = new LogWalk({ codec, receiptOf: (id) => log.receiptOf(id), report });
  let at: Position = 0;
  for (let round = 0; round < roundsMax && (await log.head()).position - at > limits.readEventsMax; round++)
    at = await walkTo(parts, walk, at);
  await log.hold();
  await walkTo(parts, walk, at);
  await walk.end();
}

async function walkTo({ log, rebuild, report, onEvents }: RefoldParts, walk: LogWalk, after: Position): Promise<Position> {
  const { position: last } = await log.head();
  for await (const page of log.pages(after, last)) {
    for (const event of page) {
      const stopped = await rebuild.fold(await walk.next(event));
      if (stopped) report(stopped);
    }
    await rebuild.flush();
    onEvents(walk.head.position, last);
    await aTurn();
  }
  return last;
}

/** What two tables of one definition are compared with. */
export interface CompareParts {
  /** As they stand. */
  readonly tables: StandingTables;
  readonly rebuild: ScratchRebuild;
  readonly table: Table;
  readonly each: (difference: RowDifference) => void;
  /** Told how many keys were gone through since it was last told. */
  readonly onKeys: (keys: number) => void;
}

/** Compares a read table as it stands with what the log gives. */
export async function compareTable({ tables, rebuild, table, each, onKeys }: CompareParts): Promise<void> {
  for await (const { keys, differences } of compareRows(tables, sqliteStanding(rebuild.db), table)) {
    for (const difference of differences) each(difference);
    onKeys(keys);
    await aTurn();
  }
}

/** Whoever shares this process gets on meanwhile. */
const aTurn = () => new Promise((resolve) => setImmediate(resolve));
