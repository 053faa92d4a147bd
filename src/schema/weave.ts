import type { ImplementableObjectRef, InterfaceRef, ObjectRef } from '@pothos/core';
import type { ExposeSpec } from '#application';
import { assert } from '#base';
import type { EventCodec } from '#event';
import type { AnyRow, Table } from '#readtable';
import type { AnyOutput, Builder, BuilderTypes } from './builder.ts';
import type { ShownEvent } from './events.ts';
import type { Types } from './types.ts';

/** An exposed projection on its way into the schema. */
export interface Exposed {
  readonly spec: ExposeSpec;
  readonly table: Table;
  /** The field that answers with one of its objects: `order`. */
  readonly field: string;
  readonly type: ImplementableObjectRef<BuilderTypes, AnyRow>;
  readonly connection: AnyOutput;
}

/** What the parts of a schema are woven from. */
export interface Weave {
  readonly builder: Builder;
  readonly types: Types;
  readonly codec: EventCodec;
  readonly node: InterfaceRef<BuilderTypes, AnyRow>;
  readonly event: { readonly type: ObjectRef<BuilderTypes, ShownEvent>; readonly connection: AnyOutput };
  /** By type: `Order`. */
  readonly exposed: ReadonlyMap<string, Exposed>;
}

/** The exposed type that another names. */
export function exposedAs({ exposed }: Weave, type: string): Exposed {
  const found = exposed.get(type);
  assert(
    found,
    `A relation leads to ${type}, which no exposure has as its type.`,
    `Expose a projection as ${type}, or leave the relation out.`,
  );
  return found;
}

/** The column that a list is ordered by where no order is asked for. */
export function defaultOrder({ spec: { list }, table }: Exposed): string {
  return Object.values(list?.orderBy ?? {})[0] ?? table.key;
}
