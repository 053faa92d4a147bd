import { assert } from '#base';
import type { Accepted, SendOptions } from '#command';
import type { Command, Refusal } from '#decider';
import type { AcceptedTypes } from './accepted.ts';
import type { Builder } from './builder.ts';
import { withoutId } from './faults.ts';
import { withoutNulls } from './input.ts';
import { described, pascalCase } from './names.ts';
import type { RejectionTypes } from './rejections.ts';
import { fieldOf } from './shape.ts';
import type { Types } from './types.ts';

/** What commands are woven into mutations with. */
export interface CommandParts {
  readonly builder: Builder;
  readonly types: Types;
  readonly accepted: AcceptedTypes;
  readonly rejections: RejectionTypes;
}

/** Declares `CommandOptions`, which every command takes, and gives a function that adds a command's mutation. */
export function mutations({ builder, types, accepted, rejections }: CommandParts): (command: Command) => void {
  const options = builder.inputType('CommandOptions', {
    description: 'Optional on every command.',
    fields: (t) => ({
      commandId: t.id({ description: "The caller's id for this one intent; sent again, it does nothing twice and answers the same." }),
      expectedVersion: t.int({ description: "The aggregate's version that the caller decided on." }),
    }),
  });
  return (command) => {
    const { shape } = fieldOf(command.input, command.name, {
      name: `${pascalCase(command.name)}Input`,
      description: `What ${command.name} needs to know.`,
    });
    assert(shape.kind === 'object', `The input of ${command.name} is no object.`, 'Make it a z.object.');
    const took = accepted(command);
    const result = builder.unionType(`${pascalCase(command.name)}Result`, {
      description: `How ${command.name} ends: accepted, or refused for one of these reasons.`,
      types: [took, ...rejections(Object.values(command.refuses))],
      resolveType: (answer: Accepted | Refusal) => ('rejection' in answer ? answer.rejection : took.name),
    });
    builder.mutationField(command.name, (t) =>
      t.field({
        type: result,
        ...described(command.description),
        args: {
          input: t.arg({ type: types.inputOf(shape), required: true, description: 'What is wished for.' }),
          options: t.arg({ type: options, description: 'How it is to be taken.' }),
        },
        resolve: async (_, args, { send, reads, accepted }, { path }) => {
          const sent = sendOptions(args.options ?? {});
          const isRepeatable = sent.commandId !== undefined;
          const outcome = await send(command, withoutNulls(shape, args.input), sent).catch((fault: unknown) => {
            throw isRepeatable ? fault : withoutId(fault);
          });
          if (!outcome.accepted) return outcome.refusal;
          const { position, replayed } = outcome;
          accepted.set(path.key, { position, replayed, isRepeatable });
          reads.renew(position);
          return outcome;
        },
      }),
    );
  };
}

interface Options {
  readonly commandId?: string | null | undefined;
  readonly expectedVersion?: number | null | undefined;
}

function sendOptions({ commandId, expectedVersion }: Options): Pick<SendOptions, 'commandId' | 'expectedVersion'> {
  return { ...(typeof commandId === 'string' && { commandId }), ...(typeof expectedVersion === 'number' && { expectedVersion }) };
}
