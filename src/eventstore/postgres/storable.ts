import { limits } from '#base';
import type { NewEvent, Query } from '../port.ts';
import { notStorable } from './faults.ts';

/** PostgreSQL has no text with this character: not as data, and not to look for. */
const nul = '\0';

/** Throws `TEXT_NOT_STORABLE` where an event cannot be stored: found before it is sent, it takes no other event down with it. */
export function assertStorable({ eventId, stream, type, tags, metadata }: NewEvent): void {
  for (const name of [eventId, stream, type, ...tags]) {
    if (Buffer.byteLength(name) > limits.indexedTextBytesMax)
      throw notStorable('an event', `a name of it takes over ${limits.indexedTextBytesMax} bytes`);
    assertText('an event', name);
  }
  for (const value of Object.values(metadata)) if (value !== null) assertText("an event's metadata", value);
}

/** Throws `TEXT_NOT_STORABLE` where a query looks for what cannot be there. */
export function assertAskable(query: Query): void {
  if (query === 'all') return;
  for (const { stream = '', types = [], tags = [] } of query) for (const text of [stream, ...types, ...tags]) assertText('an event', text);
}

/** Throws `TEXT_NOT_STORABLE`. */
export function assertText(what: string, text: string): void {
  if (text.includes(nul)) throw notStorable(what, 'a text of it has the character U+0000');
}
