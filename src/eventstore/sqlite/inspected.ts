import type { ChainedEvent } from '../port.ts';
import type { InspectedEvent } from '../walk.ts';
import { linkIn, type TaggedRow } from './chain.ts';
import { eventOf } from './log.ts';

type Metadata = ChainedEvent['metadata'];

/** Stands for what cannot be read. */
const nobody: Metadata = { commandId: '', correlationId: '', causationId: null, actor: null };

/** The moments that a `Date` can hold. */
const millisecondsMax = 8_640_000_000_000_000;

/**
 * A row as an event, whatever stands in it, and what of it Varve never wrote.
 *
 * @param receipts the commands whose receipts name its position
 */
export function inspected(row: TaggedRow, receipts: readonly string[]): InspectedEvent {
  const metadata = metadataIn(row.metadata);
  const hasMoment = Number.isInteger(row.recorded_at) && Math.abs(row.recorded_at) <= millisecondsMax;
  const damage = metadata ? (hasMoment ? undefined : 'its moment is none') : 'its metadata is not what Varve writes';
  const event = eventOf(row, metadata ?? nobody, new Date(hasMoment ? row.recorded_at : 0));
  return { event: { ...event, tags: row.tags, hash: linkIn(row) }, receipts, damage };
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
