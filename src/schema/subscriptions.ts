import type { EnumRef } from '@pothos/core';
import { assert, limits } from '#base';
import type { GoingOn, RowMessage, RowsWanted, Start } from '#livestream';
import type { Reached } from '#readtable';
import type { AnyOutput, Builder, BuilderTypes } from './builder.ts';
import { eventChoice, eventFilterFields } from './events.ts';
import { badInput } from './faults.ts';
import { conditionsOf, narrowingFields } from './filters.ts';
import { type Arguments, countOf } from './paging.ts';
import { type Fields, optionalField, requiredField, type Shape, scalar, shapeOfColumn } from './shape.ts';
import type { Exposed, Weave } from './weave.ts';

const changeKinds = {
  SNAPSHOT: { description: 'The object as it stood when the stream began; the first message, unless `after` was given.' },
  CHANGED: { description: 'The object as it is now.' },
  REMOVED: { description: 'The object is gone, or the filter no longer lets it through.' },
  RESYNC: {
    description: `The server could not deliver every change since \`after\` (or the reader was too slow): what follows starts anew with SNAPSHOT.
The message is about the whole stream, so its key is empty.`,
  },
} as const;

type ChangeKind = EnumRef<BuilderTypes, keyof typeof changeKinds>;

/** Declares the kinds of changes. */
export function addChangeKind(builder: Builder): ChangeKind {
  return builder.enumType('ChangeKind', { description: 'What a message of a live stream says.', values: changeKinds });
}

const afterField = optionalField(
  scalar('Position'),
  'The last position seen: every later change follows, once, in order. Left out: the stream begins anew.',
);

/** Adds the live streams of an exposed projection. Where the names for one row and for many are the same, one field does both. */
export function addLiveRows(weave: Weave, exposed: Exposed, kind: ChangeKind): void {
  const { spec, table, field } = exposed;
  const keyShape = shapeOfKey(exposed);
  const change = addChangeType(weave, exposed, kind, keyShape);
  const one = `${field}Changed`;
  const many = spec.list && `${spec.list.field}Changed`;
  const manyFields = (snapshot: number): Fields => ({
    ...narrowingFields(exposed),
    after: afterField,
    afterKey: optionalField(
      keyShape,
      'With `after`: of that position, only the changes of later keys are still to come. For whoever was cut off amid the many rows of one event.',
    ),
    snapshot: snapshotField(snapshot),
  });
  if (one === many) {
    const key = optionalField(keyShape, 'Only this one. Left out: every one that matches.');
    const description = `One ${spec.type}, live, or every one that matches. Without \`after\` it begins with a SNAPSHOT of each (at most \`snapshot\` of them).`;
    addField(weave, exposed, { name: one, description, change, fields: { [table.key]: key, ...manyFields(limits.pageRowsMax) } });
    return;
  }
  const fields = { [table.key]: requiredField(keyShape, 'Which one.'), after: afterField };
  addField(weave, exposed, {
    name: one,
    description: `One ${spec.type}, live. Not there yet: a SNAPSHOT with \`${field}: null\` first.`,
    change,
    fields,
  });
  if (many === undefined) return;
  const description = `Every ${spec.type} that matches, live; without \`after\` it begins with a SNAPSHOT of each (at most \`snapshot\` of them).`;
  addField(weave, exposed, { name: many, description, change, fields: manyFields(0) });
}

const snapshotField = (fallback: number) => ({
  ...optionalField(scalar('Int'), `How many objects to begin with, the least keys first; at most ${limits.pageRowsMax}.`),
  fallback,
});

function shapeOfKey({ table: { columns, key, name } }: Exposed): Shape & { kind: 'scalar' } {
  const shape = columns[key] && shapeOfColumn(columns[key]);
  assert(shape?.kind === 'scalar', `The key of ${name} is no id or text.`);
  return shape;
}

function addChangeType(
  { builder, event }: Weave,
  { spec, table, field, type }: Exposed,
  kind: ChangeKind,
  key: Shape & { kind: 'scalar' },
): AnyOutput {
  const row: AnyOutput = type;
  const keyType: AnyOutput = key.name;
  return builder.objectRef<RowMessage>(`${spec.type}Change`).implement({
    description: `What happened to one ${spec.type}.`,
    fields: (t) => ({
      kind: t.expose('kind', { type: kind, description: 'What this message says.' }),
      position: t.expose('position', { type: 'Position', description: 'Give it as `after` to go on from here.' }),
      [table.key]: t.field({ type: keyType, description: 'Which one; empty in a RESYNC.', resolve: (message) => message.key }),
      [field]: t.field({
        type: row,
        nullable: true,
        description: `The object after the change; null where there is none.${presentOf(spec)}`,
        resolve: (message) => message.row,
      }),
      cause: t.expose('cause', {
        type: event.type,
        nullable: true,
        description: 'The event that made the change; null in a SNAPSHOT and in a RESYNC.',
      }),
    }),
  });
}

/** Relations and histories keep no past: said where there are any. */
const presentOf = ({ relations, entries, aggregate }: Exposed['spec']) =>
  relations || entries || aggregate
    ? '\nWhat it leads to, other objects and its history, is as it stands when the message is sent: not as it stood at `position`.'
    : '';

interface LiveField {
  readonly name: string;
  readonly description: string;
  readonly change: AnyOutput;
  readonly fields: Fields;
}

function addField({ builder, types }: Weave, exposed: Exposed, { name, description, change, fields }: LiveField): void {
  const fallback = fields['snapshot']?.fallback;
  builder.subscriptionField(name, (t) =>
    t.field({
      type: change,
      description,
      args: types.arguments(t, fields),
      subscribe: (_, args, { live, reads }) => {
        reads.readBriefly();
        return live.rows(wantedOf(exposed, args), startOf(args, fallback, live.reached));
      },
      resolve: (message) => message,
    }),
  );
}

function wantedOf(exposed: Exposed, args: Arguments): RowsWanted {
  const { table } = exposed;
  const key = args[table.key];
  return { table, conditions: conditionsOf(exposed, args), ...(typeof key === 'string' && { key }) };
}

function startOf({ after, afterKey, snapshot }: Arguments, fallback: unknown, reached: GoingOn | undefined): Start {
  const snapshotRowsMax = countOf('snapshot', snapshot ?? fallback, 1);
  const key = typeof afterKey === 'string' ? afterKey : undefined;
  const position = typeof after === 'number' ? after : undefined;
  if (key !== undefined && position === undefined)
    throw badInput('`afterKey` is given without `after`.', 'Give the position that the key belongs to as `after`, or leave both out.');
  return { snapshotRowsMax, ...goingOn(reached, position === undefined ? undefined : { position, ...(key !== undefined && { key }) }) };
}

/** What the transport says wins over what was asked for. */
function goingOn(reached: GoingOn | undefined, asked: Reached | undefined): Pick<Start, 'after'> {
  const after = reached ?? asked;
  return after === undefined || after === 'anew' ? {} : { after };
}

/** Adds the live stream of the log. */
export function addLiveEvents({ builder, types, event, codec }: Weave): void {
  builder.subscriptionFields((t) => ({
    events: t.field({
      type: event.type,
      description: 'The log, live: every event after `after` (left out: from now), once, in order.',
      args: types.arguments(t, eventFilterFields),
      subscribe: (_, args, { live, reads }) => {
        reads.readBriefly();
        const { after: position, ...wanted } = eventChoice(codec, args);
        const { after } = goingOn(live.reached, position === undefined ? undefined : { position });
        return live.events(wanted, after);
      },
      resolve: (recorded) => recorded,
    }),
  }));
}
