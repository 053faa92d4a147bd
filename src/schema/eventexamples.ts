import { canonicalJson, textOf } from '#base';
import type { EventCodec } from '#event';
import type { EventShape } from './eventshapes.ts';
import { type EventHistory, sampleOf } from './history.ts';

/** An event's data as a log has it, and what the present code reads of it, see {@link readForm}. */
interface EventExample {
  readonly stored: unknown;
  readonly read: unknown;
}

/** Examples of stored events, by type and version. */
export type EventExamples = Readonly<Record<string, Readonly<Record<string, readonly EventExample[]>>>>;

/**
 * Decodes examples of every committed version through the present code, and says what is read otherwise than expected, what is not as it would be
 * stored, and which version has no example; each with what to write.
 */
export function exampleComplaints(codec: EventCodec, history: EventHistory, examples: EventExamples): readonly string[] {
  const committed = Object.entries(history).flatMap(([type, shapes]) =>
    [...new Map(shapes.map((shape) => [shape.schemaVersion, shape]))].map(([, shape]) => ({ type, shape })),
  );
  const known = new Set(committed.map(({ type, shape }) => `${type} ${shape.schemaVersion}`));
  const given = Object.entries(examples).flatMap(([type, versions]) => Object.keys(versions).map((version) => `${type} ${version}`));
  return [
    ...given
      .filter((name) => !known.has(name))
      .map((name) => `schema/events.examples.json has an example of ${name}, which was never committed.`),
    ...committed.flatMap(({ type, shape }) => complaintsOf(codec, type, shape, examples[type]?.[shape.schemaVersion] ?? [])),
  ];
}

function complaintsOf(codec: EventCodec, type: string, shape: EventShape, examples: readonly EventExample[]): readonly string[] {
  const event = `${type} version ${shape.schemaVersion}`;
  if (examples.length === 0) return [missing(codec, type, shape)];
  return examples.flatMap(({ stored, read }) => {
    const found = reading(codec, type, shape, stored);
    if ('fault' in found) return `The example of ${event} in schema/events.examples.json cannot be read: ${found.fault}`;
    if (found.read !== canonicalJson(read))
      return `The example of ${event} in schema/events.examples.json is read as\n  ${found.read}\nand not as it says. Mend the upcaster or the shape; where it is right so, write that as its "read".`;
    if (found.stored !== undefined && found.stored !== canonicalJson(stored))
      return `The example of ${event} in schema/events.examples.json is not as a log has it. Write as its "stored"\n  ${found.stored}`;
    return [];
  });
}

type Reading = { readonly fault: string } | { readonly read: string | undefined; readonly stored: string | undefined };

/** What the present code reads of data, and what it would store of that: of the present version, the same again. */
function reading(codec: EventCodec, type: string, { category, schemaVersion }: EventShape, stored: unknown): Reading {
  const data = JSON.stringify(stored);
  const metadata = { commandId: 'example', correlationId: 'example', causationId: null, actor: null };
  const event = { type, schemaVersion, data, metadata, eventId: 'example', position: 1, version: 1, recordedAt: new Date(0) };
  try {
    const recorded = codec.decode({ ...event, stream: `${category}-example` });
    const isPresent = codec.definitions.get(type)?.schemaVersion === schemaVersion;
    return { read: canonicalJson(readForm(recorded.data)), stored: isPresent ? codec.encode(recorded).data : undefined };
  } catch (fault) {
    return { fault: textOf(fault) };
  }
}

/** Decoded data as JSON that shows what it was read as: a moment is `{ "Date": … }`, a decimal the whole number that it is kept as. */
export function readForm(value: unknown): unknown {
  if (value instanceof Date) return { Date: value.toISOString() };
  if (typeof value === 'bigint') return { BigInt: String(value) };
  if (value instanceof Map || value instanceof Set) return { [value.constructor.name]: readForm([...value]) };
  if (Array.isArray(value)) return value.map(readForm);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, readForm(inner)]));
}

function missing(codec: EventCodec, type: string, shape: EventShape): string {
  const { schemaVersion, data } = shape;
  const stored = sampleOf(data);
  const found = reading(codec, type, shape, stored);
  const read = 'fault' in found || found.read === undefined ? '…' : found.read;
  return [
    `There is no example of ${type} version ${schemaVersion}. Add one to schema/events.examples.json: its data as a log has it, and as the present code reads it, for instance`,
    `  "${type}": { "${schemaVersion}": [{ "stored": ${JSON.stringify(stored)}, "read": ${read} }] }`,
  ].join('\n');
}
