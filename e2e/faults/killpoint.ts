import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where a process is killed: at the n-th passing of a place. */
export type KillPoint = {
  readonly nth: number;
  /** Left out: it is killed. */
  readonly signal?: 'SIGSTOP';
} & (
  | { readonly at: 'statement' /** A regular expression on its SQL. */; readonly sql: string; readonly when: 'before' | 'after' }
  /** A statement of the writer's on PostgreSQL: before it is sent, when it has been, and when it is answered. */
  | { readonly at: 'query'; readonly sql: string; readonly when: QueryMoment }
  /** The writer's thread is about to answer, or a server is about to answer, or has just done so. */
  | { readonly at: 'handing out' | 'answering' | 'answered' }
);

/** When, of a statement that goes over a network. */
type QueryMoment = 'before' | 'sent' | 'answered';

/** The variable that a {@link KillPoint} is told by. */
export const killPointVariable = 'VARVE_TEST_KILL_POINT';

/** What a server does worse than the one that is shipped: each n-th time, a statement of this kind is left out. */
export interface Omission {
  /** A regular expression on its SQL. */
  readonly sql: string;
  readonly each: number;
  /** It is killed so soon after; left out: it goes on. */
  readonly thenKilledMs?: number;
}

/** The variable that an {@link Omission} is told by. */
export const omissionVariable = 'VARVE_TEST_OMISSION';

/** The environment of such a server. */
export const omitting = (omission: Omission): Readonly<Record<string, string>> => ({
  [omissionVariable]: JSON.stringify(omission),
  NODE_OPTIONS: preload(),
});

const preload = () => preloading('killat.ts');

/** The option of Node by which it loads one of these files first, in each of its threads. */
export const preloading = (file: string): string => `--import=${pathToFileURL(join(import.meta.dirname, file)).href}`;

/** The environment in which a process is killed there, by itself: nothing of the product knows of it. */
export function killedAt(point: KillPoint): Readonly<Record<string, string>> {
  return { [killPointVariable]: JSON.stringify(point), NODE_OPTIONS: preload() };
}

type Place = (nth: number) => KillPoint;
const statement =
  (sql: string, when: 'before' | 'after'): Place =>
  (nth) => ({ at: 'statement', sql, when, nth });

const query =
  (sql: string, when: QueryMoment): Place =>
  (nth) => ({ at: 'query', sql, when, nth });

/** The same where the log is on PostgreSQL: a batch is sent in a few pieces, and what is sent with COMMIT arrives with it. */
export const databaseKillPlaces: Readonly<Record<string, { readonly place: Place; readonly passedMax: number }>> = {
  'before the lock': { place: query(' FOR UPDATE$', 'before'), passedMax: 40 },
  'while it waits for the lock': { place: query(' FOR UPDATE$', 'sent'), passedMax: 40 },
  'with the lock': { place: query(' FOR UPDATE$', 'answered'), passedMax: 40 },
  'before events are sent': { place: query('INSERT INTO "\\w+"\\.events ', 'before'), passedMax: 40 },
  'before COMMIT is sent': { place: query('^COMMIT$', 'before'), passedMax: 40 },
  'when COMMIT is sent': { place: query('^COMMIT$', 'sent'), passedMax: 40 },
  'when COMMIT is answered': { place: query('^COMMIT$', 'answered'), passedMax: 40 },
  'when it has notified': { place: query('pg_notify', 'answered'), passedMax: 40 },
  'before the writer answers': { place: (nth) => ({ at: 'handing out', nth }), passedMax: 40 },
  'before the server answers': { place: (nth) => ({ at: 'answering', nth }), passedMax: 100 },
  'after the server answered': { place: (nth) => ({ at: 'answered', nth }), passedMax: 100 },
  'amid the start': { place: query('.', 'answered'), passedMax: 30 },
};

/** The places on a command's way at which a server is killed, by name; with how often they may be passed before. */
export const killPlaces: Readonly<Record<string, { readonly place: Place; readonly passedMax: number }>> = {
  'before append': { place: statement('^INSERT INTO events ', 'before'), passedMax: 120 },
  'after append': { place: statement('^INSERT INTO events ', 'after'), passedMax: 120 },
  'after a tag': { place: statement('^INSERT INTO event_tags ', 'after'), passedMax: 160 },
  'after a receipt': { place: statement('^INSERT INTO commands ', 'after'), passedMax: 120 },
  'amid rows': { place: statement('^INSERT INTO "(orders|products|users|daily_sales)"', 'after'), passedMax: 150 },
  'after the journal': { place: statement('^INSERT INTO changes ', 'after'), passedMax: 200 },
  'before commit': { place: statement('^COMMIT$', 'before'), passedMax: 40 },
  'after commit': { place: statement('^COMMIT$', 'after'), passedMax: 40 },
  'before the writer answers': { place: (nth) => ({ at: 'handing out', nth }), passedMax: 40 },
  'before the server answers': { place: (nth) => ({ at: 'answering', nth }), passedMax: 150 },
  'after the server answered': { place: (nth) => ({ at: 'answered', nth }), passedMax: 150 },
  'amid the start': { place: statement('.', 'after'), passedMax: 80 },
};
