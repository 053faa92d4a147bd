import { cursorOf } from './cursor.ts';
import type { Awaitable, RowWrites } from './port.ts';
import type { Page, PageRequest, Snapshot } from './read.ts';
import { type Thing, things } from './rowstore.contract.ts';
import type { AnyRow } from './table.ts';

/** Things, empty at first, written and read by turns. */
export interface OpenPages {
  /** Each read is of the moment that it is asked in. */
  readonly reads: Pick<Snapshot, 'row' | 'rows' | 'page' | 'count'>;
  write(rows: RowWrites): Awaitable<void>;
  close(): Awaitable<void>;
}

/** A way to open them. */
export type Opens = () => Awaitable<OpenPages>;

/** A request whose cursors are given as the rows that they stand at. */
export type Asked = Omit<PageRequest, 'after' | 'before'> & { readonly after?: AnyRow | undefined; readonly before?: AnyRow | undefined };

/** The request, with cursors. */
export const requestOf = ({ after, before, ...asked }: Asked): PageRequest => ({
  ...asked,
  ...(after && { after: cursorOf(things, asked, after) }),
  ...(before && { before: cursorOf(things, asked, before) }),
});

/** Opens them, with short ways to write rows and to read a page. */
export async function opening(opens: Opens) {
  const opened = await opens();
  return {
    ...opened,
    put: (...rows: readonly Thing[]) => opened.write(new Map(rows.map((row) => [row.thingId, row]))),
    page: async (asked: Asked): Promise<Page> => opened.reads.page(things, requestOf(asked)),
  };
}
