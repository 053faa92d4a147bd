import type { ObjectRef } from '@pothos/core';
import { assert } from '#base';
import type { Accepted } from '#command';
import type { Command } from '#decider';
import type { AnyOutput, Builder, BuilderTypes } from './builder.ts';
import { pascalCase } from './names.ts';
import { isPlain } from './plain.ts';
import type { FieldBuilder } from './types.ts';
import type { Exposed } from './weave.ts';

/** The type of a command's answer where it was accepted. */
export type AcceptedTypes = (command: Command) => ObjectRef<BuilderTypes, Accepted>;

/** Declares the interface `Accepted` and gives the types that implement it, one for each aggregate. */
export function acceptedTypes(builder: Builder, exposed: Iterable<Exposed>): AcceptedTypes {
  const base = builder.interfaceRef<Accepted>('Accepted').implement({
    description: 'What every accepted command answers, whatever it changed.',
    fields: (t) => ({
      position: t.expose('position', {
        type: 'Position',
        description: "The log's position after this command: every read at `atLeast: position` sees it.",
      }),
      replayed: t.exposeBoolean('replayed', {
        description: 'True where this commandId had been accepted before and this is its first answer, given again.',
      }),
    }),
  });
  const shown = new Map([...exposed].flatMap((one) => (one.spec.aggregate ? [[one.spec.aggregate, one]] : [])));
  const known = new Map<string, ObjectRef<BuilderTypes, Accepted>>();
  const declare = (name: string, of: Exposed | undefined) =>
    builder.objectRef<Accepted>(name).implement({
      description: of ? `A command of one ${of.spec.type} took effect.` : 'The command took effect.',
      interfaces: [base],
      fields: (t) => (of ? { [of.field]: rowField(t, of) } : {}),
    });
  return ({ decider }) => {
    const of = shown.get(decider);
    const name = `${of?.spec.type ?? pascalCase(decider.category)}Accepted`;
    const type = known.get(name) ?? declare(name, of);
    known.set(name, type);
    return type;
  };
}

/** The row of the command's aggregate after its commit. */
function rowField(t: FieldBuilder<Accepted>, { type, table, spec }: Exposed) {
  const output: AnyOutput = type;
  return t.field({
    type: output,
    description: `The ${spec.type} after the command.`,
    resolve: async ({ id, row: left }, _, { reads }, info) => {
      // As the command itself left it, which is what was seen at its position; with anything beside it, all is read at one moment.
      if (left && isPlain(info, table)) return left;
      const row = await reads.row(table, id);
      assert(
        row,
        `A command on ${id} was accepted, but ${table.name} has no row of that key.`,
        'Put the row on the first event of its aggregate, and keep it.',
      );
      return row;
    },
  });
}
