import { VarveError } from '#base';
import type { StoredEvent } from './port.ts';

/** Reads an event's metadata from its row. Throws `STORAGE_CORRUPT` where it is no JSON: start looks at the newest events only. */
export function metadataOf(position: number, metadata: string): StoredEvent['metadata'] {
  try {
    return JSON.parse(metadata) as StoredEvent['metadata'];
  } catch (cause) {
    throw new VarveError({
      code: 'STORAGE_CORRUPT',
      message: `The event at position ${position} is damaged: its metadata is no JSON.`,
      hint: 'Stop, keep a copy of the data, and restore a backup.',
      cause,
    });
  }
}
