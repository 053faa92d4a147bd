import { z } from 'zod';
import { assert, canonicalJson, limits, type Position, VarveError } from '#base';
import type { AnyCatalogue, EventDefinition } from './catalogue.ts';
import { type QuickDecoder, quickDecoder, unsure } from './decoding.ts';
import type { Fact, Metadata, Recorded } from './recorded.ts';

/** A fact's form in the log. */
interface Encoded {
  readonly type: string;
  readonly schemaVersion: number;
  /** JSON text in canonical form (RFC 8785). */
  readonly data: string;
  readonly tags: readonly string[];
}

/** An event as the log gives it back. */
export interface Decodable {
  readonly eventId: string;
  readonly position: Position;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: string;
  readonly metadata: Metadata;
  readonly recordedAt: Date;
}

/** The single point where facts become JSON and tags, and JSON becomes facts again. */
export interface EventCodec {
  readonly definitions: ReadonlyMap<string, EventDefinition>;
  /** Holds the data to its shape; data that breaks it is the decider's bug. */
  encode(fact: Fact): Encoded;
  /** Throws `EVENT_UNKNOWN` where no definition reads the event, and `STORAGE_CORRUPT` where its data is no JSON. */
  decode(stored: Decodable): Recorded;
}

/** Builds the codec of all events an application knows. Event types are unique over all its catalogues. */
export function eventCodec(catalogues: Iterable<AnyCatalogue>): EventCodec {
  const definitions = new Map<string, EventDefinition>();
  for (const definition of [...new Set(catalogues)].flatMap((catalogue) => [...catalogue.definitions.values()])) {
    assert(
      !definitions.has(definition.type),
      `Two events are named ${definition.type}.`,
      'Event types are unique over all catalogues: rename the newer one.',
    );
    definitions.set(definition.type, definition);
  }
  const known = new Map([...definitions.values()].map((definition) => [definition.type, knownOf(definition)]));
  return {
    definitions,
    encode: (fact) => encode(definitions.get(fact.type), fact),
    decode: (stored) => decode(known.get(stored.type), stored),
  };
}

/** A definition, and how its events are decoded. */
interface Known {
  readonly definition: EventDefinition;
  readonly quick: QuickDecoder;
}

const knownOf = (definition: EventDefinition): Known => ({ definition, quick: quickDecoder(definition.shape) });

function encode(definition: EventDefinition | undefined, fact: Fact): Encoded {
  assert(definition, `The event ${fact.type} is in no catalogue of this application.`, 'Give its decider or catalogue to varve().');
  const data = canonicalJson(z.encode(definition.shape, fact.data as Record<string, unknown>));
  assert(data !== undefined, `The data of ${fact.type} has no JSON form.`);
  const bytes = Buffer.byteLength(data);
  assert(
    bytes <= limits.eventDataBytesMax,
    `The data of ${fact.type} has ${bytes} bytes of JSON; ${limits.eventDataBytesMax} are allowed.`,
  );
  return { type: fact.type, schemaVersion: definition.schemaVersion, data, tags: definition.tags(fact.data) };
}

function decode(known: Known | undefined, stored: Decodable): Recorded {
  if (!known) throw unknownEvent(stored, 'no event of that name is known');
  const { definition } = known;
  if (!(Number.isSafeInteger(stored.schemaVersion) && stored.schemaVersion >= 1)) throw unknownEvent(stored, 'versions begin with 1');
  if (stored.schemaVersion > definition.schemaVersion)
    throw unknownEvent(stored, `version ${definition.schemaVersion} is the newest known`);
  const { category, type } = definition;
  if (!stored.stream.startsWith(`${category}-`))
    throw unknownEvent(stored, `it stands in the stream ${stored.stream}, not of the category ${category}`);
  const data = parse(stored, known);
  const { eventId, position, stream, version, metadata, recordedAt } = stored;
  return {
    category,
    type,
    data,
    eventId,
    position,
    stream,
    id: stream.slice(category.length + 1),
    version,
    metadata,
    recordedAt,
  };
}

function parse(stored: Decodable, { definition, quick }: Known): unknown {
  if (stored.schemaVersion === definition.schemaVersion) {
    const data = quickly(stored, quick);
    if (data !== unsure) return data;
  }
  const parsed = byZod(stored, definition);
  if (parsed.success) return parsed.data;
  throw unknownEvent(stored, `its data does not fit: ${z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ')}`, parsed.error);
}

/** What a codec of the domain throws is told of where zod meets it. */
function quickly(stored: Decodable, quick: QuickDecoder): unknown {
  const written = readJson(stored);
  try {
    return quick(written);
  } catch {
    return unsure;
  }
}

function byZod(stored: Decodable, { shape, upcasters, schemaVersion }: EventDefinition) {
  const written = readJson(stored);
  try {
    const data = upcasters.slice(stored.schemaVersion - 1).reduce((data, up) => up(data), written);
    return z.safeDecode(shape, data as z.input<typeof shape>);
  } catch (cause) {
    throw unknownEvent(stored, stored.schemaVersion < schemaVersion ? 'an upcaster failed on it' : 'its data cannot be read', cause);
  }
}

/** No version of any program writes what is no JSON. */
function readJson({ data, position, type, schemaVersion }: Decodable): Record<string, unknown> {
  try {
    return JSON.parse(data) as Record<string, unknown>;
  } catch (cause) {
    throw new VarveError({
      code: 'STORAGE_CORRUPT',
      message: `The event at position ${position}, ${type} version ${schemaVersion}, is damaged: its data is no JSON.`,
      hint: 'Stop, keep a copy of the data folder, and restore a backup.',
      cause,
    });
  }
}

function unknownEvent({ position, type, schemaVersion }: Decodable, why: string, cause?: unknown): VarveError {
  return new VarveError({
    code: 'EVENT_UNKNOWN',
    message: `The event at position ${position}, ${type} version ${schemaVersion}, cannot be read: ${why}.`,
    hint: 'Start the version of the program that wrote it, or add the event or an upcaster for it to its catalogue. The log was not touched.',
    cause,
  });
}
