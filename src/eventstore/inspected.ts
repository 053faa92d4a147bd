import type { ChainedEvent } from './port.ts';
import type { InspectedEvent } from './walk.ts';

type Metadata = ChainedEvent['metadata'];

/** An event as it stands in a store, with all its tags in order. */
export interface StoredRow extends Omit<ChainedEvent, 'metadata' | 'recordedAt'> {
  /** Meant to be JSON. */
  readonly metadata: string;
  /** Meant to be milliseconds since 1970. */
  readonly recordedAt: number;
}

/** Stands for what cannot be read. */
const nobody: Metadata = { commandId: '', correlationId: '', causationId: null, actor: null };

/** The moments that a `Date` can hold. */
const millisecondsMax = 8_640_000_000_000_000;

/**
 * A row as an event, whatever stands in it, and what of it Varve never wrote.
 *
 * @param receipts the commands whose receipts name its position
 */
export function inspected(row: StoredRow, receipts: readonly string[]): InspectedEvent {
  const metadata = metadataIn(row.metadata);
  const hasMoment = Number.isInteger(row.recordedAt) && Math.abs(row.recordedAt) <= millisecondsMax;
  const damage = metadata ? (hasMoment ? undefined : 'its moment is none') : 'its metadata is not what Varve writes';
  const event = { ...row, metadata: metadata ?? nobody, recordedAt: new Date(hasMoment ? row.recordedAt : 0) };
  return { event, receipts, damage };
}

function metadataIn(text: string): Metadata | undefined {
  try {
    const metadata: unknown = JSON.parse(text);
    return isMetadata(metadata) ? metadata : undefined;
  } catch {
    return undefined;
  }
}

/** Just what is hashed: another field could say anything. */
function isMetadata(value: unknown): value is Metadata {
  if (typeof value !== 'object' || value === null) return false;
  const { commandId, correlationId, causationId, actor, ...others } = value as Readonly<Record<string, unknown>>;
  const isGiven = [commandId, correlationId].every((id) => typeof id === 'string');
  const mayBeNull = [causationId, actor].every((id) => id === null || typeof id === 'string');
  return isGiven && mayBeNull && Object.keys(others).length === 0;
}
