import type { FieldMap } from '@pothos/core';
import type { Relation } from '#application';
import { assert } from '#base';
import { type AnyRow, type Columns, keyOf, type Table } from '#readtable';
import type { AnyOutput } from './builder.ts';
import { described } from './names.ts';
import { pageReader } from './pages.ts';
import { pageFields, pageOf } from './paging.ts';
import type { FieldBuilder } from './types.ts';
import { defaultOrder, exposedAs, type Weave } from './weave.ts';

type Relations = Readonly<Record<string, Relation>>;
type One = Extract<Relation, { one: string }>;
type Many = Extract<Relation, { many: string }>;

/** Fields of a row that lead to other rows. */
export function relationFields(weave: Weave, t: FieldBuilder<AnyRow>, table: Table, relations: Relations = {}): FieldMap {
  return Object.fromEntries(
    Object.entries(relations).map(([name, relation]) => [
      name,
      'one' in relation ? one(weave, t, table.columns, relation) : many(weave, t, table, relation),
    ]),
  );
}

/** The same, of a list's entries: each leads to one row. */
export function entryFields(weave: Weave, t: FieldBuilder<AnyRow>, columns: Columns, relations: Relations): FieldMap {
  return Object.fromEntries(
    Object.entries(relations).map(([name, relation]) => {
      assert(
        'one' in relation,
        `${name} leads from a list's entry to many rows.`,
        'Only rows have a key that others can refer to: use `one`.',
      );
      return [name, one(weave, t, columns, relation)];
    }),
  );
}

/** Read together with all that the operation asks for at the same time. */
function one(weave: Weave, t: FieldBuilder<AnyRow>, columns: Columns, { one, by, nullable = false, description }: One) {
  const { type, table } = exposedAs(weave, one);
  const output: AnyOutput = type;
  return t.field({
    type: output,
    nullable: nullable || columns[by]?.nullable === true,
    ...described(description),
    resolve: (row, _, { reads }) => {
      const key = row[by];
      return typeof key === 'string' ? reads.row(table, key) : null;
    },
  });
}

function many(weave: Weave, t: FieldBuilder<AnyRow>, from: Table, { many, by, description }: Many) {
  const target = exposedAs(weave, many);
  assert(by in target.table.columns, `A relation to ${many} goes by ${by}, which is no column of ${target.table.name}.`);
  const page = pageReader(weave, target);
  const order = { orderBy: defaultOrder(target), descending: false };
  return t.field({
    type: target.connection,
    ...described(description),
    args: weave.types.arguments(t, pageFields),
    resolve: (row, args, { reads }, info) =>
      page(reads, info, { ...order, ...pageOf(args), conditions: [{ column: by, is: 'equal', value: keyOf(from, row) }] }),
  });
}
