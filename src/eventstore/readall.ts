import { limits, type Position } from '#base';
import type { EventReader, Query, StoredEvent } from './port.ts';

/** Reads all that matches, a page at a time, so that memory stays flat however long the log is. */
export async function* readAll(
  reader: EventReader,
  query: Query,
  after: Position = 0,
): AsyncGenerator<readonly StoredEvent[], void, undefined> {
  for (let at = after; ; ) {
    const page = await reader.read(query, { after: at });
    if (page.length > 0) yield page;
    if (page.length < limits.readEventsMax) return;
    at = page.at(-1)?.position ?? at;
  }
}
