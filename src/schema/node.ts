import type { InterfaceRef } from '@pothos/core';
import { decodeGlobalID } from '@pothos/plugin-relay';
import { limits } from '#base';
import type { AnyRow } from '#readtable';
import type { Builder, BuilderTypes } from './builder.ts';
import { pageTooLarge } from './faults.ts';
import type { Reads } from './reads.ts';
import type { Weave } from './weave.ts';

/** Declares Relay's `Node`. */
export function addNodeType(builder: Builder): InterfaceRef<BuilderTypes, AnyRow> {
  return builder.interfaceRef<AnyRow>('Node').implement({
    description: 'An object with a global id (Relay).',
    // Each type has its own way to make its id.
    fields: (t) => ({ id: t.id({ description: 'Its global id.', resolve: (row) => String(row['id']) }) }),
  });
}

/** Adds Relay's queries by global id. An id that names nothing, or is none, answers null: clients keep ids for long. */
export function addNodeQueries(weave: Weave): void {
  const { builder, node } = weave;
  builder.queryFields((t) => ({
    node: t.field({
      type: node,
      nullable: true,
      description: 'Any object by its global id (Relay); null where there is none, also where the id is malformed.',
      args: { id: t.arg({ type: 'ID', required: true, description: 'A global id.' }) },
      resolve: (_, { id }, { reads }) => load(weave, reads, id),
    }),
    nodes: t.field({
      type: [node],
      nullable: { list: false, items: true },
      description: 'Objects by their global ids, in their order; null for each that there is none of.',
      args: { ids: t.arg({ type: ['ID'], required: true, description: `Global ids, at most ${limits.nodesMax}.` }) },
      resolve: (_, { ids }, { reads }) => {
        if (ids.length > limits.nodesMax) throw pageTooLarge('`ids`', ids.length, limits.nodesMax);
        return ids.map((id) => load(weave, reads, id));
      },
    }),
  }));
}

/** The row, with its type's name on it: graphql-js tells nodes apart by that. */
async function load({ exposed }: Weave, reads: Reads, globalId: string): Promise<AnyRow | null> {
  const [typename, key] = parts(globalId);
  const found = exposed.get(typename);
  const row = found && (await reads.row(found.table, key));
  return row ? { ...row, __typename: typename } : null;
}

function parts(globalId: string): readonly [string, string] {
  try {
    const { typename, id } = decodeGlobalID(globalId);
    return [typename, id];
  } catch {
    return ['', ''];
  }
}
