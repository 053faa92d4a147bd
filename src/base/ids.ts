import { hash, randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** Where new identifiers come from: UUIDs that sort by time. */
export type NewId = () => string;

const bytesPerId = 16;
const pool = new Uint8Array(bytesPerId * 256);
let used = pool.length;

/** Random bytes from a pool: asking the system for 16 at a time costs more than all the rest of an id. */
function random(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytesPerId;
  return pool.slice(used - bytesPerId, used);
}

/** UUID version 7 (RFC 9562). */
export const newUuid: NewId = () => v7({ random: random() });

/** 128 bits of SHA-256 in hex: names a value without showing it. Not a secret: short values can be guessed. */
export function fingerprint(text: string): string {
  return hash('sha256', text).slice(0, 32);
}
