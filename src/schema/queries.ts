import type { Lookup } from '#application';
import { andThen, assert } from '#base';
import { withoutLists } from '#readtable';
import type { AnyOutput } from './builder.ts';
import { eventChoice, eventPage, logFields, queryOf } from './events.ts';
import { conditionsOf, narrowingFields, orderFields, orderOf } from './filters.ts';
import { described } from './names.ts';
import { pageReader } from './pages.ts';
import { pageFields, pageOf } from './paging.ts';
import { requiredField, shapeOfColumn } from './shape.ts';
import type { Exposed, Weave } from './weave.ts';

/** Adds the queries of an exposed projection: lookups and its list. */
export function addQueries(weave: Weave, exposed: Exposed): void {
  for (const [name, lookup] of Object.entries(exposed.spec.one ?? {})) addLookup(weave, exposed, name, lookup);
  if (exposed.spec.list) addList(weave, exposed, exposed.spec.list);
}

function addLookup(
  { builder, types }: Weave,
  { table, type }: Exposed,
  name: string,
  { by, argument = by, normalise = (text) => text, description }: Lookup,
): void {
  const column = table.columns[by];
  assert(column?.kind === 'id' || column?.kind === 'text', `${name} looks up by ${by}, which is no id or text of ${table.name}.`);
  const fields = {
    [argument]: requiredField(shapeOfColumn(column), column.hidden ? 'In any form that names the same.' : column.description),
  };
  const output: AnyOutput = type;
  builder.queryField(name, (t) =>
    t.field({
      type: output,
      nullable: true,
      ...described(description),
      args: types.arguments(t, fields),
      resolve: (_, args, { reads }) => {
        const value = normalise(String(args[argument]));
        if (by === table.key) return reads.rowAlone(table, value);
        const request = {
          conditions: [{ column: by, is: 'equal', value }],
          orderBy: table.key,
          descending: false,
          count: 1,
          fromEnd: false,
        } as const;
        return reads.read((snapshot) => andThen(snapshot.page(withoutLists(table), request), ({ rows }) => rows[0]));
      },
    }),
  );
}

function addList(weave: Weave, exposed: Exposed, { field, description }: NonNullable<Exposed['spec']['list']>): void {
  const { builder, types } = weave;
  const { connection } = exposed;
  const page = pageReader(weave, exposed);
  const fields = { ...pageFields, ...narrowingFields(exposed), ...orderFields(exposed) };
  builder.queryField(field, (t) =>
    t.field({
      type: connection,
      ...described(description),
      args: types.arguments(t, fields),
      resolve: (_, args, { reads }, info) =>
        page(reads, info, { ...pageOf(args), ...orderOf(exposed, args), conditions: conditionsOf(exposed, args) }),
    }),
  );
}

/** Adds the queries of the log. */
export function addLogQueries({ builder, types, event, codec }: Weave): void {
  builder.queryFields((t) => ({
    events: t.field({
      type: event.connection,
      description: 'The log itself, oldest first; `after` is a position.',
      args: types.arguments(t, logFields),
      resolve: (_, args, context, info) => {
        const choice = eventChoice(codec, args);
        return eventPage(context, info, codec, queryOf(choice), { first: args['first'], after: choice.after });
      },
    }),
    position: t.field({
      type: 'Position',
      description: "The log's last position: 0 where it is empty.",
      resolve: (_, __, { reads }) => reads.read(({ position }) => position),
    }),
  }));
}
