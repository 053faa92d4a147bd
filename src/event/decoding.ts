import { z } from 'zod';
import { readDecimal } from '#base';
import { Decimal, Instant } from './fields.ts';

/** What a quick decoder answers where it cannot tell: zod is to be asked. */
export const unsure: unique symbol = Symbol('unsure');

/** Turns JSON into what a schema reads from it, or is unsure; it may do so in place. */
export type QuickDecoder = (json: unknown) => unknown;

/**
 * A decoder of the JSON that this program wrote itself, composed once from the schema: it makes the same checks as zod at less
 * than half of its cost, and is unsure of all that is not just as it would be written: another order of fields, one too many, a value that does not
 * fit. So zod alone says what is wrong with an event. Kinds of schema that it does not know are left to zod, value by value.
 */
export function quickDecoder(schema: z.core.$ZodType): QuickDecoder {
  const known = made.get(schema);
  if (known) return known;
  // A shape may hold itself: by then it has this one.
  made.set(schema, (json) => decoder(json));
  const decoder = composed(schema);
  made.set(schema, decoder);
  return decoder;
}

const made = new WeakMap<z.core.$ZodType, QuickDecoder>();

function composed(schema: z.core.$ZodType): QuickDecoder {
  if (schema === Decimal) return decimal;
  if (schema === Instant) return instant;
  return quickLeaf(schema) ?? quickWrapper(schema) ?? ((value) => byZod(schema, value));
}

function quickLeaf(schema: z.core.$ZodType): QuickDecoder | undefined {
  if (schema instanceof z.ZodString && !schema.def.coerce && schema.format === null) return text(schema.def.checks ?? []);
  if (schema instanceof z.ZodBoolean && isBare(schema)) return (value) => (typeof value === 'boolean' ? value : unsure);
  if (schema instanceof z.ZodNumberFormat && schema.format === 'safeint' && isBare(schema))
    return (value) => (Number.isSafeInteger(value) ? value : unsure);
  if (schema instanceof z.ZodEnum && isBare(schema)) {
    const values = new Set<unknown>(schema.options);
    return (value) => (values.has(value) ? value : unsure);
  }
  return undefined;
}

function quickWrapper(schema: z.core.$ZodType): QuickDecoder | undefined {
  if (schema instanceof z.ZodNullable && isBare(schema)) {
    const inner = quickDecoder(schema.def.innerType);
    return (value) => (value === null ? null : inner(value));
  }
  if (schema instanceof z.ZodArray) return entries(quickDecoder(schema.def.element), schema.def.checks ?? []);
  if (schema instanceof z.ZodObject && schema.def.catchall === undefined && isBare(schema)) return fields(schema.def.shape);
  return undefined;
}

/** A schema without checks of its own beside those of its kind, and without coercion. */
const isBare = ({ def }: { readonly def: { readonly checks?: readonly unknown[] | undefined; readonly coerce?: boolean } }) =>
  (def.checks ?? []).length === 0 && def.coerce !== true;

type Checks = readonly z.core.$ZodCheck<never>[];

/** The least and the greatest length that checks allow, and their patterns; undefined where there are checks of another kind. */
function lengths(checks: Checks): { readonly least: number; readonly most: number; readonly patterns: readonly RegExp[] } | undefined {
  let [least, most] = [0, Number.POSITIVE_INFINITY];
  const patterns: RegExp[] = [];
  for (const check of checks) {
    if (check instanceof z.core.$ZodCheckMinLength) least = Math.max(least, check._zod.def.minimum);
    else if (check instanceof z.core.$ZodCheckMaxLength) most = Math.min(most, check._zod.def.maximum);
    // A pattern that remembers where it was answers differently the second time.
    else if (check instanceof z.core.$ZodCheckRegex && !/[gy]/.test(check._zod.def.pattern.flags)) patterns.push(check._zod.def.pattern);
    else return undefined;
  }
  return { least, most, patterns };
}

function text(checks: Checks): QuickDecoder | undefined {
  const bounds = lengths(checks);
  if (!bounds) return undefined;
  const { least, most, patterns } = bounds;
  return (value) => {
    if (typeof value !== 'string' || value.length < least || value.length > most) return unsure;
    for (const pattern of patterns) if (!pattern.test(value)) return unsure;
    return value;
  };
}

function entries(entry: QuickDecoder, checks: Checks): QuickDecoder | undefined {
  const bounds = lengths(checks);
  if (!bounds || bounds.patterns.length > 0) return undefined;
  const { least, most } = bounds;
  return (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) return unsure;
    for (let i = 0; i < value.length; i++) {
      const json: unknown = value[i];
      const decoded = entry(json);
      if (decoded === unsure) return unsure;
      if (decoded !== json) value[i] = decoded;
    }
    return value;
  };
}

/**
 * The fields are there in the order of canonical JSON, as they were written: so it is known at once that none is missing and none too many. They are
 * given in the declared order, as zod does.
 */
function fields(shape: Readonly<Record<string, z.core.$ZodType>>): QuickDecoder {
  const decoders = Object.entries(shape).map(([name, field]) => [name, quickDecoder(field)] as const);
  const names = Object.keys(shape).sort();
  return (value) => {
    if (!isRecord(value)) return unsure;
    let at = 0;
    for (const name in value) {
      if (names[at] !== name) return unsure;
      at += 1;
    }
    if (at !== names.length) return unsure;
    const read: Record<string, unknown> = {};
    for (const [name, decoder] of decoders) {
      const decoded = decoder(value[name]);
      if (decoded === unsure) return unsure;
      read[name] = decoded;
    }
    return read;
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function decimal(value: unknown): unknown {
  return typeof value === 'string' ? (readDecimal(value) ?? unsure) : unsure;
}

/** Length of a moment as it is written, of a year of four digits. */
const instantLength = '2010-12-01T08:26:00.000Z'.length;

function instant(value: unknown): unknown {
  if (typeof value !== 'string' || value.length !== instantLength) return unsure;
  const date = new Date(value);
  return !Number.isNaN(date.getTime()) && date.toISOString() === value ? date : unsure;
}

function byZod(schema: z.core.$ZodType, value: unknown): unknown {
  const decoded = z.safeDecode(schema, value as z.input<typeof schema>);
  return decoded.success ? decoded.data : unsure;
}
