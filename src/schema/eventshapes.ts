import { z } from 'zod';
import type { EventCodec } from '#event';
import type { JsonSchema } from './compatible.ts';

/** What an event type's data looks like in the log. */
export interface EventShape {
  /** The catalogue that it is in: its streams begin with that. */
  readonly category: string;
  readonly schemaVersion: number;
  /** JSON Schema (draft 2020-12) of the stored data; `graphql` names the API's type where there is one. */
  readonly data: JsonSchema;
}

/** Shapes of events, by type. */
export type EventShapes = Readonly<Record<string, EventShape>>;

/** The shapes of all events that a codec knows, an application's for instance: the reviewed contract of the log. Keys stand in order of their names. */
export function eventShapes({ definitions }: Pick<EventCodec, 'definitions'>): EventShapes {
  const shapes = [...definitions.values()].map(
    ({ type, category, schemaVersion, shape }) => [type, { category, schemaVersion, data: storedForm(shape) }] as const,
  );
  return Object.fromEntries(shapes.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function storedForm(shape: z.ZodObject): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: 'input' });
  return sorted(JSON.parse(JSON.stringify(schema))) as JsonSchema;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
