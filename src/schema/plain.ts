import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import type { Columns, Table } from '#readtable';

const known = new WeakMap<FieldNode, boolean>();

/** True where all that is asked of a row stands in the row itself: then whoever has the row need not read it. */
export function isPlain({ fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>, { columns }: Table): boolean {
  return fieldNodes.every((node) => {
    const before = known.get(node);
    if (before !== undefined) return before;
    const isIt = node.selectionSet === undefined || standsIn(node.selectionSet, { id: undefined, ...shown(columns) }, fragments);
    known.set(node, isIt);
    return isIt;
  });
}

type Fragments = GraphQLResolveInfo['fragments'];

function standsIn({ selections }: SelectionSetNode, columns: Partial<Columns>, fragments: Fragments): boolean {
  return selections.every((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return standsIn(selection.selectionSet, columns, fragments);
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = fragments[selection.name.value];
      return fragment !== undefined && standsIn(fragment.selectionSet, columns, fragments);
    }
    const name = selection.name.value;
    if (name === '__typename') return true;
    if (!Object.hasOwn(columns, name)) return false;
    return selection.selectionSet === undefined || standsIn(selection.selectionSet, shown(columns[name]?.fields ?? {}), fragments);
  });
}

/** A hidden column is no field: one of that name leads elsewhere. */
const shown = (columns: Columns): Columns => Object.fromEntries(Object.entries(columns).filter(([, { hidden }]) => !hidden));
