import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionNode } from 'graphql';

type Asked = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** Fields that are asked for below a field, of each of its entries; fragments followed. */
export function fieldsBelow({ fieldNodes, fragments }: Asked): number {
  const known = counted.get(fieldNodes) ?? count(fieldsOf(fieldNodes, fragments), fragments);
  counted.set(fieldNodes, known);
  return known;
}

const counted = new WeakMap<readonly FieldNode[], number>();

const count = (fields: readonly FieldNode[], fragments: Asked['fragments']): number =>
  fields.reduce((sum, field) => sum + 1 + count(fieldsOf([field], fragments), fragments), 0);

/** The names of all that is asked of a connection's nodes, under whatever condition. */
export function nodeFields({ fieldNodes, fragments }: Asked): ReadonlySet<string> {
  const known = asked.get(fieldNodes) ?? namesOfNodes(fieldNodes, fragments);
  asked.set(fieldNodes, known);
  return known;
}

const asked = new WeakMap<readonly FieldNode[], ReadonlySet<string>>();

function namesOfNodes(connections: readonly FieldNode[], fragments: Asked['fragments']): ReadonlySet<string> {
  const below = (fields: readonly FieldNode[], name: string) => fieldsOf(fields, fragments).filter((field) => field.name.value === name);
  const nodes = [...below(connections, 'nodes'), ...below(below(connections, 'edges'), 'node')];
  return new Set(fieldsOf(nodes, fragments).map(({ name }) => name.value));
}

function fieldsOf(fields: readonly FieldNode[], fragments: Asked['fragments']): FieldNode[] {
  const within = (selections: readonly SelectionNode[] = []): FieldNode[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      return within((selection.kind === Kind.FRAGMENT_SPREAD ? fragments[selection.name.value] : selection)?.selectionSet.selections);
    });
  return fields.flatMap(({ selectionSet }) => within(selectionSet?.selections));
}
