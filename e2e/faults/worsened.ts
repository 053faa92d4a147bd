import { VarveError } from '#base';
import type { EventStore, MemoryConnection, Receipt } from '#eventstore';
import type { Snapshot, Snapshots } from '#readtable';

type Log = EventStore<MemoryConnection>;

/** Keeps receipts when the events are committed already; not at all where it dies in between. */
export const receiptsApart =
  (log: Log, dies: () => boolean = () => false): Log['transaction'] =>
  async (work) => {
    const receipts: Receipt[] = [];
    const done = await log.transaction((own) => work({ ...own, keepReceipt: (receipt) => void receipts.push(receipt) }));
    if (receipts.length > 0 && dies()) return done;
    await log.transaction(async (own) => {
      for (const receipt of receipts) await own.keepReceipt(receipt);
    });
    return done;
  };

/** Has no receipts to look into. */
export const forgetsReceipts =
  (log: Log): Log['transaction'] =>
  (work) =>
    log.transaction((own) => work({ ...own, receipt: () => undefined, keepReceipt: () => {} }));

/** What is said where an error at commit is taken for a rollback. */
export const saidToBeFull = () => new VarveError({ code: 'STORAGE_FULL', message: 'It said so.', hint: 'Send it again.', retryable: true });

/** Gives out the same snapshot so many times. */
export function oldSnapshots({ take, close }: Snapshots, times: number): Pick<Snapshots, 'take' | 'close'> {
  let [left, kept]: [number, Promise<Snapshot> | undefined] = [0, undefined];
  return {
    close,
    take: async () => {
      if (left === 0 || !kept) [left, kept] = [times, take()];
      left -= 1;
      return changed(await kept, { release: () => {} });
    },
  };
}

/** A snapshot that does something else. */
export const changed = (snapshot: Snapshot, change: Partial<Snapshot>): Snapshot => ({
  position: snapshot.position,
  row: (...asked) => snapshot.row(...asked),
  rows: (...asked) => snapshot.rows(...asked),
  page: (...asked) => snapshot.page(...asked),
  count: (...asked) => snapshot.count(...asked),
  changes: (...asked) => snapshot.changes(...asked),
  release: () => snapshot.release(),
  ...change,
});
