import { hash } from 'node:crypto';
import { canonicalJson } from '#base';
import { linkedText } from '../chain.ts';
import type { ChainedEvent, Head, Receipt } from '../port.ts';

// An exported log: JSON, a line a value (NDJSON). An event's line is the text that its link is the hash of, with the link as one more field at its end:
// so whoever takes `,"hash":"…"` away from the line has what SHA-256 was taken of. Behind a command's last event stands its receipt, and at the end a line
// that says what was before it.

/** What the last line says: that all is there. */
export interface End {
  /** Events, and receipts, in this file. */
  readonly events: number;
  readonly receipts: number;
  /** The last event's. */
  readonly position: number;
  readonly hash: string | null;
  /** The last receipt's link: see {@link receiptLine}; null where there is none. */
  readonly receiptsHash: string | null;
}

const withHash = (text: string, link: string) => `${text.slice(0, -1)},"hash":"${link}"}`;

/** An event's line. Undefined where the event has not the hash of what it says. Throws where its data is no JSON. */
export function eventLine(event: ChainedEvent, previous: string | null): string | undefined {
  const stored = linkedText(event, previous);
  if (hash('sha256', stored) === event.hash) return withHash(stored, event.hash);
  // A log that was written before there was a chain has its data in another form than what was hashed.
  const text = linkedText({ ...event, data: canonicalJson(JSON.parse(event.data)) ?? 'null' }, previous);
  return hash('sha256', text) === event.hash ? withHash(text, event.hash) : undefined;
}

/**
 * A receipt's line, and its link. Receipts are no part of the log's chain; in an export they have one of their own, of the same kind, so that a receipt that
 * was changed, lost or moved is found at its line.
 */
export function receiptLine(receipt: Receipt, previous: string | null): { readonly line: string; readonly link: string } {
  const { commandId, inputHash, outcome, position } = receipt;
  const text = JSON.stringify({ commandId, inputHash, outcome, position, previous });
  const link = hash('sha256', text);
  return { line: `{"receipt":${withHash(text, link)}}`, link };
}

/** The last line. */
export function endLine({ events, receipts, position, hash: link, receiptsHash }: End): string {
  return JSON.stringify({ end: { events, hash: link, position, receipts, receiptsHash } });
}

/** Where a walk over a log's lines has come to. */
export interface Reached {
  readonly head: Head;
  readonly events: number;
  readonly receipts: number;
  readonly receiptsHash: string | null;
}

/** What the last line of what was walked over says. */
export const endOf = ({ head, ...counts }: Reached): End => ({ ...counts, ...head });
