import pg from 'pg';

/** A statement as it is given to the driver. */
export interface SentQuery {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly name?: string;
}

/** What the driver answers. */
export interface QueryAnswer {
  readonly command: string;
  readonly rows: readonly unknown[];
}

type Send = (this: pg.Client, query: SentQuery) => Promise<QueryAnswer>;

/** Puts something around each statement that this thread sends to PostgreSQL: the program is the one that is shipped, and does not know. */
export function wrapQuery(
  around: (query: SentQuery, send: (query: SentQuery) => Promise<QueryAnswer>, client: pg.Client) => Promise<QueryAnswer>,
): void {
  const own = Reflect.get(pg.Client.prototype, 'query') as Send;
  const wrapped: Send = function (query) {
    return around(query, (sent) => own.call(this, sent), this);
  };
  Reflect.set(pg.Client.prototype, 'query', wrapped);
}
