import type { FindingCode } from './finding.ts';
import { preloading } from './killpoint.ts';

/** The variable that a {@link WorseStore} is told by. */
export const worseStoreVariable = 'VARVE_TEST_WORSE_STORE';

/** What a server does worse with PostgreSQL than the one that is shipped, and what is to be found of it: one of these. */
export const worseStores = {
  'answers a commit that it takes back': ['ACKNOWLEDGED_LOST', 'SHOWN_VANISHED'],
  'reads the head before it has the lock': ['FAULT_TOLD'],
  'reads all of a transaction as of its beginning': ['FAULT_TOLD'],
  'takes a table before the lock, now and then': ['FAULT_TOLD'],
  'keeps receipts outside of the transaction': ['RECEIPT_MISSING'],
} as const satisfies Readonly<Record<string, readonly FindingCode[]>>;

/** By what it does. */
export type WorseStore = keyof typeof worseStores;

/** The environment of such a server. */
export const worse = (store: WorseStore): Readonly<Record<string, string>> => ({
  [worseStoreVariable]: store,
  NODE_OPTIONS: preloading('worsestore.ts'),
});
