import { canonicalJson } from '#base';

/** A JSON Schema (draft 2020-12), as far as zod writes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Why data that one schema took would be refused by another, or read as something else. */
export interface Objection {
  /** `lines.*.quantity`; empty for the data as a whole. */
  readonly path: string;
  readonly why: string;
  /** The other schema does not know the field at all. */
  readonly isGone: boolean;
}

interface Place {
  readonly path: readonly string[];
  /** The whole schemas, which references point into. */
  readonly roots: readonly [was: JsonSchema, is: JsonSchema];
  /** What is being compared around this place: a schema may contain itself. */
  readonly around: readonly (readonly [was: JsonSchema, is: JsonSchema])[];
}

/**
 * Holds a shape against the one that events were stored by: what of that data the present shape would refuse, or read as something else. Nothing
 * where it reads all of it as before. Of what cannot be told (another pattern, another multiple) it says so: it errs on the side of objecting.
 * What a schema does not say, the code of a field's codec, it cannot see: that is what examples are for.
 */
export function objections(was: JsonSchema, is: JsonSchema): readonly Objection[] {
  return [...compare({ path: [], roots: [was, is], around: [] }, was, is)];
}

const objection = ({ path }: Place, why: string, isGone = false): Objection => ({ path: path.join('.'), why, isGone });
const under = (place: Place, name: string): Place => ({ ...place, path: [...place.path, name] });

function* compare(outer: Place, wasThere: JsonSchema, isThere: JsonSchema): Generator<Objection> {
  const [was, is] = [target(wasThere, outer.roots[0]), target(isThere, outer.roots[1])];
  if (outer.around.some(([one, other]) => one === was && other === is)) return;
  const place = { ...outer, around: [...outer.around, [was, is] as const] };
  const [wasForms, isForms] = [formsOf(was), formsOf(is)];
  if (wasForms[0] === was && isForms[0] === is) return yield* compareForm(place, was, is);
  for (const at of wasForms.keys()) yield* compareToForms(place, at, wasForms, isForms, 'oneOf' in is);
}

/** What a reference points to: `#` or `#/$defs/name`. */
function target(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const { $ref } = schema;
  if (typeof $ref !== 'string') return schema;
  return $ref === '#' ? root : (objectIn(objectIn(root, '$defs'), $ref.slice('#/$defs/'.length)) as JsonSchema);
}

/** The alternatives of a schema; itself where it has none. */
function formsOf(schema: JsonSchema): readonly JsonSchema[] {
  const { anyOf, oneOf, type } = schema;
  if (Array.isArray(anyOf)) return anyOf;
  if (Array.isArray(oneOf)) return oneOf;
  return Array.isArray(type) ? type.map((one: unknown) => ({ ...schema, type: one })) : [schema];
}

/** Data is read by the first form that takes it, unless a tag tells forms apart. So what was read by one must not meet another one first. */
function* compareToForms(place: Place, at: number, before: Forms, now: Forms, areTagged: boolean): Generator<Objection> {
  const form = before[at] ?? {};
  const against = (other: JsonSchema) => [...compare(place, form, other)];
  const meets = (other: JsonSchema) => overlap(typesOf(form), typesOf(other));
  const isFirst = now.slice(0, at).every((other, i) => !meets(other) || isEqual(other, before[i]));
  const [inPlace, first] = [isFirst ? now[at] : undefined, now.find(meets)];
  if (inPlace && against(inPlace).length === 0) return;
  if (areTagged && now.some((other) => against(other).length === 0)) return;
  if (areTagged || !first) yield objection(place, `no longer takes ${textOf(form)}`);
  else yield* against(first);
}

type Forms = readonly JsonSchema[];

const textOf = (schema: JsonSchema): string => JSON.stringify(schema).slice(0, 120);

type Types = ReadonlySet<unknown> | undefined;

/** The JSON types that a form takes; undefined where it takes any. A whole number is a number. */
function typesOf(form: JsonSchema): Types {
  const { type } = form;
  if (typeof type === 'string') return new Set(type === 'integer' ? ['number'] : [type]);
  const values = valuesOf(form);
  return values && new Set(values.map((value) => (value === null ? 'null' : typeof value)));
}

const overlap = (one: Types, other: Types) => !one || !other || [...one].some((type) => other.has(type));

function valuesOf(form: JsonSchema): readonly unknown[] | undefined {
  if ('const' in form) return [form['const']];
  return Array.isArray(form['enum']) ? form['enum'] : undefined;
}

/** Kinds of text that are read as something other than text. */
const codecs: ReadonlySet<unknown> = new Set(['Decimal', 'DateTime']);
const codecOf = ({ graphql }: JsonSchema) => (codecs.has(graphql) ? String(graphql) : undefined);

function* compareForm(place: Place, was: JsonSchema, is: JsonSchema): Generator<Objection> {
  if (codecOf(was) !== codecOf(is))
    return yield objection(place, `was read as ${codecOf(was) ?? nameOf(was)}, is read as ${codecOf(is) ?? nameOf(is)}`);
  if (!takesTypes(was, is)) return yield objection(place, `was ${nameOf(was)}, is ${nameOf(is)}`);
  yield* compareValues(place, was, is);
  for (const why of narrowed(was, is)) yield objection(place, why);
  if (was['type'] === 'object') yield* compareFields(place, was, is);
  if (was['type'] === 'array') yield* compareItems(place, was, is);
}

const nameOf = ({ type = 'anything' }: JsonSchema) => String(type);

function takesTypes(was: JsonSchema, is: JsonSchema): boolean {
  const [before, now] = [typesOf(was), typesOf(is)];
  if (!now) return true;
  if (!before) return false;
  return [...before].every((type) => now.has(type)) && !(is['type'] === 'integer' && was['type'] === 'number');
}

function* compareValues(place: Place, was: JsonSchema, is: JsonSchema): Generator<Objection> {
  const [before, now] = [valuesOf(was), valuesOf(is)];
  if (!now) return;
  if (!before) return yield objection(place, `took any ${nameOf(was)}, takes ${now.map((value) => JSON.stringify(value)).join(', ')} only`);
  for (const value of before.filter((value) => !now.includes(value))) yield objection(place, `no longer takes ${JSON.stringify(value)}`);
}

const numberIn = (schema: JsonSchema, keyword: string, otherwise: number) => Number(schema[keyword] ?? otherwise);
const { POSITIVE_INFINITY: most, NEGATIVE_INFINITY: least } = Number;

/** Keywords whose other value would have to be understood. */
const opaque = [
  'format',
  'multipleOf',
  'contentEncoding',
  'contentMediaType',
  'uniqueItems',
  'propertyNames',
  'patternProperties',
  'contains',
];
const opaqueToo = ['not', 'if', 'then', 'else', 'dependentRequired', 'dependentSchemas', 'unevaluatedProperties', 'unevaluatedItems'];

function* narrowed(was: JsonSchema, is: JsonSchema): Generator<string> {
  for (const keyword of ['minLength', 'minItems', 'minProperties'])
    if (numberIn(is, keyword, 0) > numberIn(was, keyword, 0)) yield `its ${keyword} is now ${is[keyword]}`;
  for (const keyword of ['maxLength', 'maxItems', 'maxProperties'])
    if (numberIn(is, keyword, most) < numberIn(was, keyword, most)) yield `its ${keyword} is now ${is[keyword]}`;
  const sides = [
    ['minimum', 'exclusiveMinimum', 1],
    ['maximum', 'exclusiveMaximum', -1],
  ] as const;
  for (const [closed, open, sign] of sides) {
    const at = (schema: JsonSchema, keyword: string) => sign * numberIn(schema, keyword, sign * least);
    if (at(is, closed) > Math.max(at(was, closed), at(was, open))) yield `its ${closed} is now ${is[closed]}`;
    if (at(is, open) > at(was, open) && at(is, open) >= at(was, closed)) yield `its ${open} is now ${is[open]}`;
  }
  for (const keyword of [...opaque, ...opaqueToo])
    if (keyword in is && !isEqual(was[keyword], is[keyword])) yield `its ${keyword} is another`;
  for (const rule of rulesOf(is)) if (!rulesOf(was).some((other) => isEqual(rule, other))) yield `must now fit ${textOf(rule)}`;
}

const isEqual = (one: unknown, other: unknown) => canonicalJson(one) === canonicalJson(other);

/** Patterns, and all that must hold besides. */
function rulesOf({ pattern, allOf }: JsonSchema): readonly JsonSchema[] {
  return [...(pattern === undefined ? [] : [{ pattern }]), ...(Array.isArray(allOf) ? (allOf as readonly JsonSchema[]) : [])];
}

function objectIn(schema: JsonSchema, keyword: string): Readonly<Record<string, JsonSchema>> {
  return (schema[keyword] ?? {}) as Readonly<Record<string, JsonSchema>>;
}

/** What fields beyond the named ones must be; undefined where they are refused, or left out. */
function restOf({ additionalProperties: rest }: JsonSchema): JsonSchema | undefined {
  return typeof rest === 'object' && rest !== null ? (rest as JsonSchema) : undefined;
}

function* compareFields(place: Place, was: JsonSchema, is: JsonSchema): Generator<Objection> {
  const [before, now] = [objectIn(was, 'properties'), objectIn(is, 'properties')];
  const isRequired = (schema: JsonSchema, name: string) => Array.isArray(schema['required']) && schema['required'].includes(name);
  for (const [name, field] of Object.entries(before)) {
    const [at, present] = [under(place, name), now[name] ?? restOf(is)];
    if (!present) yield objection(at, 'is gone', true);
    else yield* compare(at, field, present);
    if (isRequired(was, name)) continue;
    if (isRequired(is, name)) yield objection(at, 'could be left out, is required');
    else if (present && !isEqual(field['default'], present['default'])) yield objection(at, 'where it was left out, another value is read');
  }
  const rest = restOf(was);
  for (const [name, field] of Object.entries(now).filter(([name]) => !(name in before))) {
    if (isRequired(is, name)) yield objection(under(place, name), 'is required, and was not there');
    else if (rest) yield* compare(under(place, name), rest, field);
  }
  const presentRest = restOf(is);
  if (rest && presentRest) yield* compare(under(place, '*'), rest, presentRest);
  else if (rest) yield objection(place, 'fields beyond the named ones are kept no more', true);
}

function* compareItems(place: Place, was: JsonSchema, is: JsonSchema): Generator<Objection> {
  const count = Math.max(placesOf(was).length, placesOf(is).length);
  for (let at = 0; at <= count; at++) {
    const [before, now] = [entryAt(was, at), entryAt(is, at)];
    const here = under(place, at < count ? String(at) : '*');
    if (before && now) yield* compare(here, before, now);
    else if (before) yield objection(here, 'is gone', true);
  }
}

const placesOf = ({ prefixItems }: JsonSchema): readonly JsonSchema[] => (Array.isArray(prefixItems) ? prefixItems : []);

/** What an array's entry must be; undefined where there may be none. */
function entryAt(schema: JsonSchema, at: number): JsonSchema | undefined {
  const entry = placesOf(schema)[at] ?? schema['items'] ?? {};
  return entry === false ? undefined : (entry as JsonSchema);
}
