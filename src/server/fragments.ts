import { type DocumentNode, type FragmentDefinitionNode, Kind } from 'graphql';

/** A document's fragments by name. */
export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** The document's fragments by name; of several with one name the last, as execution has it. */
export function fragmentsOf({ definitions }: DocumentNode): Fragments {
  return new Map(definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])));
}

/** Introspection has its own bound, its cost: tools ask for it deeper than for data. */
export const isIntrospection = (field: string): boolean => field === '__schema' || field === '__type';
