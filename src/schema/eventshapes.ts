import { z } from 'zod';
import type { Application } from '#application';
import { codecOf } from '#command';

/** What an event type's data looks like in the log. */
export interface EventShape {
  readonly schemaVersion: number;
  /** JSON Schema (draft 2020-12) of the stored data; `graphql` names the API's type where there is one. */
  readonly data: unknown;
}

/** The shapes of all events that an application knows, by type: the reviewed contract of the log. Keys stand in order of their names. */
export function eventShapes(application: Application): Readonly<Record<string, EventShape>> {
  const { definitions } = codecOf(application);
  const shapes = [...definitions.values()].map(
    ({ type, schemaVersion, shape }) => [type, { schemaVersion, data: storedForm(shape) }] as const,
  );
  return Object.fromEntries(shapes.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function storedForm(shape: z.ZodObject): unknown {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io: 'input' });
  return sorted(JSON.parse(JSON.stringify(schema)));
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
