import { type JsonSchema, type Objection, objections } from './compatible.ts';
import type { EventShape, EventShapes } from './eventshapes.ts';

/** Every shape that events were ever committed with, by type, oldest first. Logs may hold events of each: entries are added, never changed. */
export type EventHistory = Readonly<Record<string, readonly EventShape[]>>;

/** The history with the present shapes in it, where they are new and read what was stored before. Keys stand in order of their names. */
export function extendHistory(history: EventHistory, present: EventShapes): EventHistory {
  const types = [...new Set([...Object.keys(history), ...Object.keys(present)])].sort();
  return Object.fromEntries(types.map((type) => [type, extended(type, history[type] ?? [], present[type])]));
}

function extended(type: string, committed: readonly EventShape[], present: EventShape | undefined): readonly EventShape[] {
  if (!present || complaintOf(type, committed, present) !== undefined) return committed;
  const isKnown = committed.some(
    ({ schemaVersion, data }) => schemaVersion === present.schemaVersion && objections(present.data, data).length === 0,
  );
  return isKnown ? committed : [...committed, present];
}

/** What stored events of committed shapes the present catalogues would refuse or read as something else, each with what to write; none where they read all. */
export function incompatibilities(history: EventHistory, present: EventShapes): readonly string[] {
  return Object.entries(history).flatMap(([type, committed]) => complaintOf(type, committed, present[type]) ?? []);
}

function complaintOf(type: string, committed: readonly EventShape[], present: EventShape | undefined): string | undefined {
  const newest = committed.reduce<EventShape | undefined>(
    (one, other) => (one && one.schemaVersion > other.schemaVersion ? one : other),
    undefined,
  );
  if (!newest) return undefined;
  const { category, schemaVersion } = newest;
  const event = `The event ${type} (catalogue ${category}, version ${schemaVersion})`;
  if (!present) return `${event} is in no catalogue any more: a log that has one could not be read. ${putBack(category)}`;
  if (present.category !== category)
    return `${event} stands in the catalogue ${present.category} now, but its streams are named ${category}-…: they could not be read. ${putBack(category)}`;
  if (present.schemaVersion < schemaVersion)
    return `${event} has version ${present.schemaVersion} now: what was stored as version ${schemaVersion} could not be read. Put its upcasters back.`;
  const same = committed.filter((one) => one.schemaVersion === present.schemaVersion);
  const found = same.flatMap(({ data }) => objections(data, present.data));
  return found.length > 0 ? toUpcast(event, type, present, distinct(found)) : undefined;
}

const putBack = (category: string) =>
  `Put it back into events('${category}', …), whether anything still writes it or not: types are stored names, neither renamed nor removed.`;

const distinct = (found: readonly Objection[]) => [...new Map(found.map((one) => [`${one.path} ${one.why}`, one])).values()];

function toUpcast(event: string, type: string, { category, schemaVersion }: EventShape, found: readonly Objection[]): string {
  const older = schemaVersion > 1 ? `/* the ${schemaVersion - 1} that there are */, ` : '';
  return [
    `${event} is no longer what logs have of it:`,
    ...found.map(({ path, why }) => `  ${path || 'its data'}: ${why}`),
    `Give it version ${schemaVersion + 1}: the options of events('${category}', …) say how version ${schemaVersion} becomes it, for instance`,
    `  upcasters: { ${type}: [${older}${sketchOf(found)}] }`,
    `Then run \`npm run schema\`, and give schema/events.examples.json an example of version ${schemaVersion + 1}. Or make the change one that reads what is`,
    'stored: a new field is `.optional()`, or has a `.default()`. Only where no log can have this shape, for it was never released, take its entry out of',
    'schema/events.history.json.',
  ].join('\n');
}

const isWord = (name: string) => /^[a-z_$][\w$]*$/i.test(name);

/** An upcaster with a place for each field that changed. */
function sketchOf(found: readonly Objection[]): string {
  const key = (path: string) => (isWord(path.split('.')[0] ?? '') ? path.split('.')[0] : JSON.stringify(path.split('.')[0])) ?? '';
  const gone = new Set(found.filter(({ path, isGone }) => isGone && path !== '' && !path.includes('.')).map(({ path }) => key(path)));
  const made = new Set(found.map(({ path }) => key(path)).filter((name) => name !== '""' && !gone.has(name)));
  const taken = gone.size > 0 ? `{ ${[...gone].map((name) => `${name}: _${name}`).join(', ')}, ...data }` : 'data';
  return `(${taken}) => ({ ${['...data', ...[...made].map((name) => `${name}: …`)].join(', ')} })`;
}

/** A value that a schema takes, for whoever has to write an example. */
export function sampleOf(schema: JsonSchema): unknown {
  const { type, properties = {}, items, graphql, anyOf, oneOf } = schema;
  if ('const' in schema) return schema['const'];
  const [first] = (schema['enum'] ?? anyOf ?? oneOf ?? []) as readonly unknown[];
  if (first !== undefined) return anyOf || oneOf ? sampleOf(first as JsonSchema) : first;
  if (type === 'object')
    return Object.fromEntries(
      Object.entries(properties as Readonly<Record<string, JsonSchema>>).map(([name, field]) => [name, sampleOf(field)]),
    );
  if (type === 'array') return typeof items === 'object' ? [sampleOf(items as JsonSchema)] : [];
  if (graphql === 'Decimal') return '12.50';
  if (graphql === 'DateTime') return '2010-12-01T08:26:00.000Z';
  const simple: Readonly<Record<string, unknown>> = { string: 'x', integer: 1, number: 1, boolean: true };
  return simple[String(Array.isArray(type) ? type[0] : type)] ?? null;
}
