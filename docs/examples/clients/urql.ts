import { type DocumentNode, type FieldNode, Kind, print, type SelectionNode } from 'graphql';
import { Client, cacheExchange, type Exchange, fetchExchange, mapExchange, type OperationResult, subscriptionExchange } from 'urql';
import type { Transport } from './resume.ts';

// #region newest
/** A value, and the position that it was read at. */
interface Read {
  readonly position: bigint;
  readonly value: unknown;
}

/** The fields of an object, by how a document asks for them; undefined: it has no `id`. */
type FieldsOf = (object: Record<string, unknown>) => Map<string, Read> | undefined;

/**
 * Puts the newest value that came in place of an older one, in each field of each object that has an `id`. It stands between the cache and the
 * network, and knows as many objects as it is told to, those that came last.
 */
export function newestExchange(objectsMax = 10_000): Exchange {
  const objects = new Map<unknown, Map<string, Read>>();
  const fieldsOf: FieldsOf = ({ id }) => {
    if (typeof id !== 'string') return undefined;
    const fields = objects.get(id) ?? new Map<string, Read>();
    objects.delete(id);
    objects.set(id, fields);
    if (objects.size > objectsMax) objects.delete(objects.keys().next().value);
    return fields;
  };
  return mapExchange({ onResult: (result) => newest(result, fieldsOf) });
}

function newest(result: OperationResult, fieldsOf: FieldsOf): OperationResult {
  const { query, variables } = result.operation;
  const position = result.extensions?.['position'];
  if (!result.data || typeof position !== 'string') return result;
  const renewed = (selections: readonly SelectionNode[], read: Read): unknown => {
    const { value } = read;
    if (Array.isArray(value)) return value.map((item) => renewed(selections, { ...read, value: item }));
    if (!isObject(value)) return value;
    const seen = fieldsOf(value);
    const fields = [...fieldsIn(query, selections)].filter(([name]) => name in value);
    const entries = fields.map(([name, nodes]) => {
      const words = nodes.map((node) => print({ ...node, alias: undefined })).join();
      const key = words.includes('$') ? words + JSON.stringify(variables) : words;
      const [known, incoming] = [seen?.get(key), { ...read, value: value[name] }];
      const newer = known && known.position > read.position ? known : incoming;
      seen?.set(key, newer);
      return [name, renewed(selectionsIn(nodes), newer)];
    });
    return { ...value, ...Object.fromEntries(entries) };
  };
  const operation = query.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return { ...result, data: renewed(selectionsIn(operation), { position: BigInt(position), value: result.data }) };
}
// #endregion

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const selectionsIn = (nodes: readonly object[]): readonly SelectionNode[] =>
  (nodes as readonly Pick<FieldNode, 'selectionSet'>[]).flatMap(({ selectionSet }) => selectionSet?.selections ?? []);

/** Fields by the names that they have in an answer, fragments followed. */
function fieldsIn({ definitions }: Pick<DocumentNode, 'definitions'>, selections: readonly SelectionNode[]): Map<string, FieldNode[]> {
  const followed = (node: SelectionNode): readonly FieldNode[] => {
    if (node.kind === Kind.FIELD) return [node];
    if (node.kind === Kind.INLINE_FRAGMENT) return selectionsIn([node]).flatMap(followed);
    const named = definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === node.name.value);
    return selectionsIn(named).flatMap(followed);
  };
  return Map.groupBy(selections.flatMap(followed), ({ alias, name }) => (alias ?? name).value);
}

// #region client
/** urql over HTTP, and its subscriptions over graphql-ws or graphql-sse. */
export const urqlClient = (url: string, live: Transport): Client =>
  new Client({
    url,
    preferGetMethod: false,
    exchanges: [
      cacheExchange,
      newestExchange(),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({ unsubscribe: live.subscribe({ query, variables: { ...variables } }, sink) }),
        }),
      }),
    ],
  });
// #endregion
