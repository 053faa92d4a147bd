import { z } from 'zod';
import { assert } from '#base';
import type { Column, Columns } from '#readtable';
import type { ScalarName } from './builder.ts';

/** A type as the API shows it, whether it comes from a zod schema or from a read table's column. */
export type Shape =
  | { readonly kind: 'scalar'; readonly name: ScalarName }
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[]; readonly description: string }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'object'; readonly name: string; readonly fields: Fields; readonly description: string };

/** One field of an object. */
export interface Field {
  readonly shape: Shape;
  /** Null is a value. */
  readonly nullable: boolean;
  /** Of an input: may be left out. */
  readonly omittable: boolean;
  /** Of an input: the value, in its outer form, where it is left out. */
  readonly fallback?: unknown;
  readonly description: string;
}

/** The fields of an object, by name. */
export type Fields = Readonly<Record<string, Field>>;

const scalars: ReadonlySet<string> = new Set<ScalarName>([
  'ID',
  'String',
  'Int',
  'Float',
  'Boolean',
  'Position',
  'DateTime',
  'Decimal',
  'JSON',
]);
const isScalar = (name: string | undefined): name is ScalarName => name !== undefined && scalars.has(name);

/** What `meta` says, the outermost schema first. */
interface Meta {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/** A scalar's shape. */
export const scalar = (name: ScalarName): Shape => ({ kind: 'scalar', name });

/**
 * Reads a zod schema as a field. `meta({ graphql })` names what GraphQL cannot tell by itself: scalars, enums and objects.
 *
 * @param path where the schema stands, such as `placeOrder.lines`: for the message where GraphQL has no such type
 */
export function fieldOf(schema: z.core.$ZodType, path: string, outer: Meta = {}): Field {
  const meta = metaOf(schema, outer);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'optional':
      return { ...fieldOf(def.innerType, path, meta), omittable: true };
    case 'nullable':
      return { ...fieldOf(def.innerType, path, meta), nullable: true };
    case 'default':
      return { ...fieldOf(def.innerType, path, meta), omittable: true, fallback: z.encode(def.innerType, def.defaultValue) };
    case 'prefault':
      return { ...fieldOf(def.innerType, path, meta), omittable: true, fallback: def.defaultValue };
    case 'readonly':
      return fieldOf(def.innerType, path, meta);
    default:
      return { shape: shapeOf(def, path, meta), nullable: false, omittable: false, description: meta.description ?? '' };
  }
}

function metaOf(schema: z.core.$ZodType, outer: Meta): Meta {
  const { graphql, description } = z.globalRegistry.get(schema) ?? {};
  return { name: outer.name ?? (typeof graphql === 'string' ? graphql : undefined), description: outer.description ?? description };
}

function shapeOf(def: z.core.$ZodTypes['_zod']['def'], path: string, { name, description = '' }: Meta): Shape {
  if (isScalar(name) && def.type !== 'array') return scalar(name);
  switch (def.type) {
    case 'string':
      return scalar('String');
    case 'boolean':
      return scalar('Boolean');
    case 'number':
      return scalar(isInt(def) ? 'Int' : 'Float');
    case 'pipe':
      // A codec or transform: what comes in is what clients send. A preprocess has nothing to say of that.
      return fieldOf(def.in._zod.def.type === 'transform' ? def.out : def.in, path, { name, description }).shape;
    case 'enum':
      return { kind: 'enum', name: named(name, path), values: Object.values(def.entries).map(String), description };
    case 'array':
      return { kind: 'list', of: elementOf(def.element, `${path}[]`) };
    case 'object':
      return { kind: 'object', name: named(name, path), fields: fieldsOf(def.shape, path), description };
    default:
      assert(
        false,
        `${path} is a ${def.type}, which has no type in GraphQL.`,
        'Give it a `.meta({ graphql: "String" })` or use another schema.',
      );
  }
}

/** The fields of a zod object. */
export function fieldsOf(shape: Readonly<Record<string, z.core.$ZodType>>, path: string): Fields {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, fieldOf(schema, `${path}.${name}`)]));
}

function elementOf(schema: z.core.$ZodType, path: string): Shape {
  const { shape, nullable, omittable } = fieldOf(schema, path);
  assert(
    !nullable && !omittable && shape.kind !== 'list',
    `${path} may be null or is a list itself.`,
    'Lists have entries that are there, and no lists in them.',
  );
  return shape;
}

function isInt({ format, checks = [] }: { readonly format?: string; readonly checks?: readonly z.core.$ZodCheck[] | undefined }): boolean {
  const isWhole = (name: unknown) => name === 'safeint' || name === 'int32' || name === 'uint32';
  return isWhole(format) || checks.some(({ _zod: { def } }) => 'format' in def && isWhole(def.format));
}

function named(name: string | undefined, path: string): string {
  assert(name !== undefined, `${path} needs a name in the API.`, 'Name it: `.meta({ graphql: "OrderLineInput" })`.');
  return name;
}

/** A field that clients may leave out, or send null for. */
export const optionalField = (shape: Shape, description: string): Field => ({ shape, nullable: true, omittable: true, description });

/** A field that is always there. */
export const requiredField = (shape: Shape, description: string): Field => ({ shape, nullable: false, omittable: false, description });

/** The fields of a row or of a list's entry: its columns but the hidden ones. */
export function fieldsOfColumns(columns: Columns): Fields {
  const shown = Object.entries(columns).filter(([, { hidden }]) => !hidden);
  return Object.fromEntries(
    shown.map(([name, column]) => [
      name,
      { shape: shapeOfColumn(column), nullable: column.nullable, omittable: false, description: column.description },
    ]),
  );
}

const byKind = { id: 'ID', text: 'String', int: 'Int', decimal: 'Decimal', instant: 'DateTime', boolean: 'Boolean' } as const;

/** The type of a column's values. */
export function shapeOfColumn({ kind, typeName = '', values = [], fields = {}, description }: Column): Shape {
  if (kind === 'oneOf') return { kind: 'enum', name: typeName, values, description };
  if (kind === 'list') return { kind: 'list', of: { kind: 'object', name: typeName, fields: fieldsOfColumns(fields), description } };
  return scalar(byKind[kind]);
}
