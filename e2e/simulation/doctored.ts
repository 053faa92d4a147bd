import { VarveError } from '#base';
import type { Outcome } from '#command';
import { Hub } from '#livestream';
import type { Commit, Projection } from '#projector';
import type { FindingCode } from '../faults/finding.ts';
import { changed, forgetsReceipts, oldSnapshots, receiptsApart, saidToBeFull } from '../faults/worsened.ts';
import { application, type Build } from './build.ts';
import type { Mounted } from './disk.ts';
import type { Scheduler } from './scheduler.ts';

/** Parts with one fault, and what is to be found of it. */
export interface Doctored extends Partial<Build> {
  readonly finds: FindingCode;
}

type Transaction = Mounted['log']['transaction'];

const withTransaction = ({ log, ...mounted }: Mounted, transaction: Transaction): Mounted => ({ ...mounted, log: { ...log, transaction } });

/** Answers what was decided when it is not committed yet. */
const answersEarly = (mounted: Mounted): Mounted =>
  withTransaction(mounted, (work) => {
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof work>>>();
    mounted.log
      .transaction(async (own) => {
        const done = await work(own);
        resolve(done as Awaited<ReturnType<typeof work>>);
        return done;
      })
      .catch(reject);
    return promise;
  });

/** Takes an error at commit for a rollback, and says so. */
const commitErrorIsRollback = (mounted: Mounted): Mounted =>
  withTransaction(mounted, (work) =>
    mounted.log.transaction(work).catch((fault: unknown) => {
      if (!(fault instanceof VarveError) || fault.code !== 'OUTCOME_UNKNOWN') throw fault;
      throw saidToBeFull();
    }),
  );

/** Reads rows at a later moment than the position that it names. */
const tornSnapshots = (mounted: Mounted, scheduler: Scheduler): Mounted => ({
  ...mounted,
  snapshots: {
    ...mounted.snapshots,
    take: async () => {
      const { position } = await mounted.snapshots.take();
      await scheduler.pause(scheduler.chance(10), 'reads at two moments');
      return changed(await mounted.snapshots.take(), { position });
    },
  },
});

/** Knows nothing of what it has forgotten, and says that there was nothing. */
const forgetsSilently = (mounted: Mounted): Mounted => ({
  ...mounted,
  snapshots: {
    ...mounted.snapshots,
    take: async () => {
      const snapshot = await mounted.snapshots.take();
      return changed(snapshot, { changes: (...asked) => snapshot.changes(...asked) ?? { changes: [], hasMore: false } });
    },
  },
});

/** Goes on one position later than it was asked to, where it goes on. */
const skipsOnResuming = (mounted: Mounted): Mounted => ({
  ...mounted,
  snapshots: {
    ...mounted.snapshots,
    take: async () => {
      const snapshot = await mounted.snapshots.take();
      return changed(snapshot, {
        changes: (table, { after, ...request }) => snapshot.changes(table, { ...request, after: { position: after.position + 1 } }),
      });
    },
  },
});

const skipsEventsOnResuming = (mounted: Mounted): Mounted => ({
  ...mounted,
  log: {
    ...mounted.log,
    // A page of events, not the one that a change was made by.
    read: (query, { after = 0, limit = 1_000 } = {}) =>
      mounted.log.read(query, { limit, after: limit > 1 && after > 0 ? after + 1 : after }),
  },
});

/** Drops one change in so many. */
function losesChanges(mounted: Mounted, scheduler: Scheduler): Mounted {
  const { journal } = mounted;
  const append: typeof journal.append = (connection, position, entries) =>
    journal.append(
      connection,
      position,
      entries.filter(() => !scheduler.oneIn(6)),
    );
  return { ...mounted, journal: { append } };
}

class ForgetfulHub extends Hub {
  #told = 0;

  override publish(commit: Commit): void {
    this.#told += 1;
    super.publish(this.#told % 6 === 0 ? { ...commit, events: [], changes: [] } : commit);
  }
}

class HastyHub extends Hub {
  constructor(...[position, head]: ConstructorParameters<typeof Hub>) {
    super(position + 1, head);
  }
}

/** Some of what was paid is not shown as paid. */
const missesEvents = (projection: Projection): Projection => ({
  ...projection,
  changes: (event) => (event.type === 'ProductRestocked' && event.position % 3 === 0 ? [] : projection.changes(event)),
});

/** Builds with one fault each, made of the real parts, which have to be found. */
export const doctored: Readonly<Record<string, Doctored>> = {
  'a store that answers before it commits': { store: answersEarly, finds: 'ACKNOWLEDGED_LOST' },
  'a store that keeps receipts outside of the transaction': {
    store: (mounted) => withTransaction(mounted, receiptsApart(mounted.log)),
    finds: 'RECEIPT_MISSING',
  },
  'a store that keeps no receipts': {
    store: (mounted) => withTransaction(mounted, forgetsReceipts(mounted.log)),
    finds: 'RECEIPT_MISSING',
  },
  'a store that takes an error at commit for a rollback': { store: commitErrorIsRollback, finds: 'REFUSED_LEFT' },
  'a store that gives out snapshots that were taken before': {
    store: (mounted) => ({ ...mounted, snapshots: oldSnapshots(mounted.snapshots, 6) }),
    finds: 'READ_STALE',
  },
  'a store that reads rows later than the position that it names': { store: tornSnapshots, finds: 'SNAPSHOT_TORN' },
  'a store that gives rows from one position too late on': { store: skipsOnResuming, finds: 'STREAM_WRONG' },
  'a store that gives events from one position too late on': { store: skipsEventsOnResuming, finds: 'STREAM_WRONG' },
  'a journal that forgets and does not say so': { store: forgetsSilently, finds: 'STREAM_WRONG' },
  'a journal that loses changes': { store: losesChanges, finds: 'STREAM_WRONG' },
  'a dispatcher that answers before it has decided': {
    writer: (writer, { log }) => ({
      close: () => writer.close(),
      send: async (...sent): Promise<Outcome> => {
        const [command, input] = sent;
        writer.send(...sent).catch(() => {});
        return { accepted: true, position: Number(await log.position()) + 1, replayed: false, id: command.stream(input) };
      },
    }),
    finds: 'ACKNOWLEDGED_LOST',
  },
  'a dispatcher that sends again by itself, under another id': {
    writer: (writer) => ({
      close: () => writer.close(),
      send: (command, input, options) => {
        writer.send(command, input).catch(() => {});
        return writer.send(command, input, options);
      },
    }),
    finds: 'UNASKED',
  },
  'a hub that drops a commit now and then': { Hub: ForgetfulHub, finds: 'STREAM_WRONG' },
  'a hub that takes its start for one position later': { Hub: HastyHub, finds: 'STREAM_WRONG' },
  'a projection that misses events': { projections: application.projections.map(missesEvents), finds: 'ROWS_DIFFER' },
};
