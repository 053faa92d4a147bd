import type { EnumRef, FieldMap, InputObjectRef, ObjectRef } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import { assert } from '#base';
import type { AnyRow } from '#readtable';
import type { AnyInput, AnyOutput, Builder, BuilderTypes } from './builder.ts';
import type { SchemaContext } from './context.ts';
import { described } from './names.ts';
import type { Field, Fields, Shape } from './shape.ts';

/** Makes the fields of objects whose parents are of type P. */
export type FieldBuilder<P> = PothosSchemaTypes.ObjectFieldBuilder<BuilderTypes, P>;

/** Reads a field from its parent. */
export type ReadField<P> = (parent: P, context: SchemaContext, info: GraphQLResolveInfo) => unknown;

/** The shape of an object. */
export type ObjectShape = Extract<Shape, { kind: 'object' }>;

/** Types that are declared by use, each once: an enum that a read table, an input and a rejection name is one enum. */
export class Types {
  readonly #builder: Builder;
  /** What each type was declared as first, as text. */
  readonly #forms = new Map<string, string>();
  readonly #enums = new Map<string, EnumRef<BuilderTypes, string>>();
  readonly #inputs = new Map<string, InputObjectRef<BuilderTypes, unknown>>();
  readonly #objects = new Map<string, ObjectRef<BuilderTypes, AnyRow>>();

  constructor(builder: Builder) {
    this.#builder = builder;
  }

  /** The enum of this name. */
  enumOf(name: string, values: readonly string[], description = ''): EnumRef<BuilderTypes, string> {
    this.#assertSame(name, values.toSorted());
    return once(this.#enums, name, () => this.#builder.enumType(name, { values: [...values], ...described(description) }));
  }

  /** The input object of this name. */
  inputOf({ name, fields, description }: ObjectShape): InputObjectRef<BuilderTypes, unknown> {
    this.#assertSame(name, fields);
    return once(this.#inputs, name, () =>
      this.#builder.inputType(name, {
        ...described(description),
        fields: (t) => mapValues(fields, (field) => t.field({ type: this.#inputType(field.shape), ...inputOptions(field) })),
      }),
    );
  }

  /** The arguments that fields describe. */
  arguments(t: Pick<FieldBuilder<unknown>, 'arg'>, fields: Fields) {
    return mapValues(fields, (field) => t.arg({ type: this.#inputType(field.shape), ...inputOptions(field) }));
  }

  /** The object type of this name; its parents are plain records. */
  objectOf({ name, fields, description }: ObjectShape): ObjectRef<BuilderTypes, AnyRow> {
    this.#assertSame(name, fields);
    return once(this.#objects, name, () =>
      this.#builder.objectRef<AnyRow>(name).implement({ ...described(description), fields: (t) => this.outputs(t, fields) }),
    );
  }

  /**
   * The fields of an object type: what its parent has by their names, or what is read in another way. A field of the first sort has no resolver, by
   * which an execution knows that it has only to look.
   */
  outputs<P extends object>(
    t: FieldBuilder<P>,
    fields: Fields,
    readerOf: (name: string) => ReadField<P> | undefined = () => undefined,
  ): FieldMap {
    return mapValues(fields, ({ shape, nullable, description }, name) => {
      const options = { type: this.#outputType(shape), nullable, ...described(description) };
      const read = readerOf(name);
      return read
        ? t.field({ ...options, resolve: (parent, _, context, info) => read(parent, context, info) })
        : t.expose(name as never, options as never);
    });
  }

  #inputType(shape: Shape): AnyInput | [AnyInput] {
    if (shape.kind === 'list') return [this.#inputItem(shape.of)];
    return this.#inputItem(shape);
  }

  #inputItem(shape: Shape): AnyInput {
    if (shape.kind === 'scalar') return shape.name;
    if (shape.kind === 'enum') return this.enumOf(shape.name, shape.values, shape.description);
    assert(shape.kind === 'object', 'A list in a list has no type in GraphQL.');
    return this.inputOf(shape);
  }

  #outputType(shape: Shape): AnyOutput | [AnyOutput] {
    if (shape.kind === 'list') return [this.#outputItem(shape.of)];
    return this.#outputItem(shape);
  }

  #outputItem(shape: Shape): AnyOutput {
    if (shape.kind === 'scalar') return shape.name;
    if (shape.kind === 'enum') return this.enumOf(shape.name, shape.values, shape.description);
    assert(shape.kind === 'object', 'A list in a list has no type in GraphQL.');
    return this.objectOf(shape);
  }

  #assertSame(name: string, form: unknown): void {
    const text = JSON.stringify(form);
    const first = once(this.#forms, name, () => text);
    assert(first === text, `The API has two types named ${name}, and they are not the same.`, 'Rename one of them, or make them the same.');
  }
}

function inputOptions({ nullable, omittable, fallback, description }: Field) {
  const required = !nullable && (fallback !== undefined || !omittable);
  return { required, ...described(description), ...(fallback === undefined ? {} : { defaultValue: fallback }) };
}

/** What was made for a name, or is made now. */
function once<V>(known: Map<string, V>, name: string, make: () => V): V {
  const made = known.get(name) ?? make();
  known.set(name, made);
  return made;
}

function mapValues<V, R>(record: Readonly<Record<string, V>>, change: (value: V, name: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
