import type { ObjectRef } from '@pothos/core';
import { assert } from '#base';
import { commonRejections, type Refusal, type Rejection } from '#decider';
import type { Builder, BuilderTypes } from './builder.ts';
import { described } from './names.ts';
import { fieldsOf } from './shape.ts';
import type { Types } from './types.ts';

/** The rejections' types, each declared with the first command that may be refused for it. */
export type RejectionTypes = (rejections: readonly Rejection[]) => readonly ObjectRef<BuilderTypes, Refusal>[];

/** Declares the interface `Rejection` and gives the types that implement it. */
export function rejectionTypes(builder: Builder, types: Types): RejectionTypes {
  const base = builder.interfaceRef<Refusal>('Rejection').implement({
    description: 'Why a command was refused. Nothing was written.',
    fields: (t) => ({
      code: t.exposeString('code', { description: 'UPPER_SNAKE_CASE, stable: clients switch on it.' }),
      message: t.exposeString('message', { description: 'One sentence for a person.' }),
    }),
  });
  const declare = ({ name, description, fields }: Rejection) =>
    builder.objectRef<Refusal>(name).implement({
      ...described(description),
      interfaces: [base],
      fields: (t) =>
        types.outputs(
          t,
          fieldsOf(fields.shape, name),
          (field) =>
            ({ data }) =>
              data[field],
        ),
    });
  const known = new Map<string, { readonly rejection: Rejection; readonly type: ObjectRef<BuilderTypes, Refusal> }>();
  const typeOf = (rejection: Rejection) => {
    const made = known.get(rejection.name) ?? { rejection, type: declare(rejection) };
    assert(made.rejection === rejection, `Two rejections are named ${rejection.name}.`, 'Declare it once and use it in both commands.');
    known.set(rejection.name, made);
    return made.type;
  };
  return (rejections) => [...new Set([...commonRejections, ...rejections])].map(typeOf);
}
