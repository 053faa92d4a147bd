import type { MemoryEngine } from '#command';
import { type ChainedEvent, openMemoryStore, type Receipt } from '#eventstore';
import { type Projection, rebuild } from '#projector';
import { memoryRows } from '#readtable';

/** What is stored when a run has ended, wherever that is. */
export interface Stored {
  /** The whole log, as it is read. */
  readonly events: readonly ChainedEvent[];
  /** Every receipt there is, where they can be listed; else those of the commands that were sent. */
  readonly receipts: readonly Receipt[];
  readonly rows: Rows;
  /** The same tables, folded from the log anew; undefined where it cannot be folded. */
  readonly rebuilt: Rows | undefined;
}

/** By table: each row as one text, in the order of the keys. */
export type Rows = Readonly<Record<string, readonly string[]>>;

/** The parts of an engine in memory that something is stored in. */
type Engine = Pick<MemoryEngine, 'log' | 'rows' | 'codec'>;

/** What an engine in memory has stored. */
export async function storedInMemory(
  { log, rows, codec }: Engine,
  projections: readonly Projection[],
  commandIds: Iterable<string>,
): Promise<Stored> {
  const events: ChainedEvent[] = [];
  for await (const page of log.chain()) events.push(...page);
  const receipts = await Promise.all([...new Set(commandIds)].map((commandId) => log.receipt(commandId)));
  const copy = openMemoryStore();
  await copy.append(events);
  const anew = memoryRows();
  const isFolded = await rebuild({ log: copy, codec, projections, rows: anew, swap: () => {} }).then(
    () => true,
    () => false,
  );
  const tables = projections.map(({ table }) => table);
  const textsOf = (kept: typeof rows): Rows =>
    Object.fromEntries(tables.map((table) => [table.name, kept.all(table).map((row) => JSON.stringify(row))]));
  return {
    events,
    receipts: receipts.filter((receipt) => receipt !== undefined),
    rows: textsOf(rows),
    rebuilt: isFolded ? textsOf(anew) : undefined,
  };
}
