import { encodeGlobalID } from '@pothos/plugin-relay';
import { assert } from '#base';
import { type AnyRow, keyOf, type Table } from '#readtable';
import { afterCursor, eventPage, historyFields } from './events.ts';
import { listReaders } from './lists.ts';
import { described } from './names.ts';
import { entryFields, relationFields } from './relations.ts';
import { fieldsOfColumns, shapeOfColumn } from './shape.ts';
import type { FieldBuilder } from './types.ts';
import type { Exposed, Weave } from './weave.ts';

/** Declares the object type of an exposed projection's rows. */
export function addRowType(weave: Weave, { spec, table, type }: Exposed): void {
  type.implement({
    ...described(table.description),
    interfaces: [weave.node],
    fields: (t) => ({
      id: t.id({ description: 'Its global id (Relay).', resolve: (row) => encodeGlobalID(spec.type, keyOf(table, row)) }),
      ...weave.types.outputs(t, fieldsOfColumns(table.columns), listReaders(table)),
      ...relationFields(weave, t, table, spec.relations),
      ...(spec.aggregate && { history: historyField(weave, t, table, spec.aggregate.category) }),
    }),
  });
  for (const [name, relations] of Object.entries(spec.entries ?? {})) addEntryFields(weave, table, name, relations);
}

function historyField({ types, event, codec }: Weave, t: FieldBuilder<AnyRow>, table: Table, category: string) {
  return t.field({
    type: event.connection,
    description: 'Its own events, oldest first.',
    args: types.arguments(t, historyFields),
    resolve: (row, { first, after }, context, info) =>
      eventPage(context, info, codec, [{ stream: `${category}-${keyOf(table, row)}` }], { first, after: afterCursor(after) }),
  });
}

type Entries = NonNullable<Exposed['spec']['entries']>;

function addEntryFields(weave: Weave, table: Table, name: string, relations: Entries[string]): void {
  const column = Object.values(table.columns).find(({ kind, typeName }) => kind === 'list' && typeName === name);
  assert(column?.fields, `${table.name} has no list of ${name}.`, 'Name the type of one of its list columns.');
  const { fields } = column;
  const shape = shapeOfColumn(column);
  assert(shape.kind === 'list' && shape.of.kind === 'object', `${name} is no list of objects.`);
  weave.builder.objectFields(weave.types.objectOf(shape.of), (t) => entryFields(weave, t, fields, relations));
}
