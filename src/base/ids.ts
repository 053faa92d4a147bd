import { createHash } from 'node:crypto';
import { v7 } from 'uuid';

/** Where new identifiers come from: UUIDs that sort by time. */
export type NewId = () => string;

/** UUID version 7 (RFC 9562). */
export const newUuid: NewId = () => v7();

/** 128 bits of SHA-256 in hex: names a value without showing it. Not a secret: short values can be guessed. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
