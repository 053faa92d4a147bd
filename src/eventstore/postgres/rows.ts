import type { Position } from '#base';
import { metadataOf } from '../metadata.ts';
import type { ChainedEvent, Head, StoredEvent } from '../port.ts';

/** A row of `events`, in the order of {@link eventColumns}. */
export type EventRow = readonly [
  position: Position,
  eventId: string,
  stream: string,
  version: number,
  type: string,
  schemaVersion: number,
  data: string,
  metadata: string,
  recordedAt: number,
];

/** The columns of an {@link EventRow}: all but the hash. */
export const eventColumns = 'position, event_id, stream, version, type, schema_version, data, metadata, recorded_at';

/** Reads a row, which may have more after its end. Throws `STORAGE_CORRUPT` where its metadata is no JSON. */
export function eventOf(row: readonly [...EventRow, ...rest: unknown[]]): StoredEvent {
  const [position, eventId, stream, version, type, schemaVersion, data, metadata, recordedAt] = row;
  return {
    position,
    eventId,
    stream,
    version,
    type,
    schemaVersion,
    data,
    metadata: metadataOf(position, metadata),
    recordedAt: new Date(recordedAt),
  };
}

/** A row with the event's link and its tags. */
export type ChainedRow = readonly [...EventRow, hash: Buffer, tags: readonly string[]];

/** Reads it. Throws `STORAGE_CORRUPT`. */
export const chainedOf = (row: ChainedRow): ChainedEvent => ({
  ...eventOf(row),
  tags: [...row[10]].sort(),
  hash: row[9].toString('hex'),
});

/** The row of `head`. */
export type HeadRow = readonly [position: Position, hash: Buffer | null];

/** The head as the port has it. */
export const headOf = (row: HeadRow | undefined): Head => ({ position: row?.[0] ?? 0, hash: row?.[1]?.toString('hex') ?? null });
