import type { Snapshot } from '#readtable';
import type { FindingCode } from './finding.ts';
import type { MemoryShop, MemoryStore, Mutation } from './memoryshop.ts';
import { changed, forgetsReceipts, oldSnapshots, receiptsApart, saidToBeFull } from './worsened.ts';

/** A build that breaks one promise, and what is to be found of it. */
export interface Mutated extends Mutation {
  readonly finds: FindingCode;
}

/** Crashes once what is under way in this turn has been told. */
const crashNext = (shop: MemoryShop) => setImmediate(() => void shop.crash());

/** Once in ten times it crashes. */
function diesNow(shop: MemoryShop): boolean {
  if (shop.chance(10) > 0) return false;
  void shop.crash();
  return true;
}

/** Answers what a transaction decided before it is committed: a crash in between takes it back. */
function answersBeforeCommit(store: MemoryStore, shop: MemoryShop): MemoryStore {
  return {
    ...store,
    transaction: async (work) => {
      if (shop.chance(10) > 0) return store.transaction(work);
      const early: Awaited<ReturnType<typeof work>>[] = [];
      const crashed = new Error('it crashed');
      await store
        .transaction(async (own) => {
          early.push(await work(own));
          throw crashed;
        })
        .catch((fault: unknown) => {
          if (fault !== crashed) throw fault;
        });
      crashNext(shop);
      return early[0] as Awaited<ReturnType<typeof work>>;
    },
  };
}

/** Takes an error at commit for a rollback, and says so. */
function commitErrorIsRollback(store: MemoryStore, shop: MemoryShop): MemoryStore {
  return {
    ...store,
    transaction: async (work) => {
      const done = await store.transaction(work);
      if (shop.chance(10) > 0) return done;
      crashNext(shop);
      throw saidToBeFull();
    },
  };
}

/** Reads what concerns many streams as it was before its last events. */
const readsTooLittle = (store: MemoryStore, shop: MemoryShop): MemoryStore => ({
  ...store,
  transaction: (work) =>
    store.transaction((own) =>
      work({
        ...own,
        readTagged: async (items, options) => {
          const found = await own.readTagged(items, options);
          return items.some(({ tags }) => tags) && shop.chance(2) === 0 ? found.slice(0, -3) : found;
        },
      }),
    ),
});

/** Reads each table at a moment of its own. */
const tornSnapshots = ({ take }: Parameters<NonNullable<Mutation['snapshots']>>[0], shop: MemoryShop) => ({
  take: async () => {
    const first = await take();
    await shop.store.transaction(() => {});
    await new Promise(setImmediate);
    const second = await take();
    return changed(first, { release: () => {}, rows: (...asked: Parameters<Snapshot['rows']>) => second.rows(...asked) });
  },
});

/** Builds with one fault each, made of the real parts, which a checker has to find. */
export const mutated: Readonly<Record<string, Mutated>> = {
  'answers before it commits': { store: answersBeforeCommit, finds: 'ACKNOWLEDGED_LOST' },
  'keeps receipts outside of the transaction': {
    store: (store, shop) => ({ ...store, transaction: receiptsApart(store, () => diesNow(shop)) }),
    finds: 'RECEIPT_MISSING',
  },
  'keeps no receipts': { store: (store) => ({ ...store, transaction: forgetsReceipts(store) }), finds: 'COMMAND_TWICE' },
  'takes an error at commit for a rollback': { store: commitErrorIsRollback, finds: 'REFUSED_LEFT' },
  'decides on less than was written': { store: readsTooLittle, finds: 'STOCK_NEGATIVE' },
  'does not sync, and loses its last commits with the power': {
    crashed: async (shop) => shop.cutTo(Math.max(0, Number(await shop.store.position()) - 3)),
    finds: 'ACKNOWLEDGED_LOST',
  },
  'writes rows outside of the transaction': {
    rows: (rows, shop) => ({ ...rows, write: (...written) => (shop.chance(40) === 0 ? undefined : rows.write(...written)) }),
    finds: 'ROWS_DIFFER',
  },
  'gives out snapshots that were taken before': { snapshots: (snapshots) => oldSnapshots(snapshots, 8), finds: 'READ_STALE' },
  'reads rows later than the position that it names': { snapshots: tornSnapshots, finds: 'SNAPSHOT_TORN' },
  'keeps a receipt of what it refuses': {
    send: (send, shop) => async (command, input, options) => {
      const outcome = await send(command, input, options);
      const { commandId } = options ?? {};
      if (outcome.accepted || commandId === undefined || (await shop.store.receipt(commandId))) return outcome;
      const position = await shop.store.position();
      await shop.store.transaction((own) => own.keepReceipt({ commandId, inputHash: '', outcome: '{}', position }));
      return outcome;
    },
    finds: 'REFUSED_LEFT',
  },
  'sends again by itself, under another id': {
    send: (send, shop) => async (command, input, options) => {
      if (shop.chance(20) === 0) await send(command, input);
      return send(command, input, options);
    },
    finds: 'UNASKED',
  },
  'answers with the position of its commit': {
    send: (send, shop) => async (command, input, options) => {
      const outcome = await send(command, input, options);
      return outcome.accepted ? { ...outcome, position: await shop.store.position() } : outcome;
    },
    finds: 'ANSWER_WRONG',
  },
};
