import {
  __internal,
  Environment,
  type EnvironmentConfig,
  type FetchFunction,
  type GraphQLResponse,
  type GraphQLSingularResponse,
  isClientID,
  type MutableRecordSource,
  Network,
  Observable,
  RecordSource,
  Store,
} from 'relay-runtime';
import type { Result, Transport } from './resume.ts';

// #region newest
/** Where a record of the store keeps the position that each of its fields was read at. */
const positionsField = '__positions';

/** Takes out of a response's records what the store has from a later position: fields of objects, with those parts of them that have no id. */
function dropOlder(incoming: MutableRecordSource, known: Pick<RecordSource, 'get'>, position: string): void {
  const dropped = new Set<string>();
  // A record comes before its parts.
  for (const id of incoming.getRecordIDs()) {
    const fields = Object.entries<unknown>(incoming.get(id) ?? {});
    if (dropped.has(id)) {
      for (const [, value] of fields) for (const part of partsIn(value)) dropped.add(part);
      incoming.remove(id);
    } else if (!isClientID(id)) {
      const positions: Record<string, string> = { ...known.get(id)?.[positionsField] };
      const kept = fields.filter(([field, value]) => {
        if (field === 'id' || field.startsWith('__')) return true;
        const isOlder = BigInt(positions[field] ?? 0) > BigInt(position);
        if (isOlder) for (const part of partsIn(value)) dropped.add(part);
        else positions[field] = position;
        return !isOlder;
      });
      incoming.set(id, Object.fromEntries<object>([...(kept as [string, object][]), [positionsField, positions]]));
    }
  }
}

/** The records without an id that a field's value links to. */
function partsIn(value: unknown): readonly string[] {
  const { __ref, __refs = [] } = (value ?? {}) as { readonly __ref?: string; readonly __refs?: readonly (string | null)[] };
  return [__ref, ...__refs].filter((id) => typeof id === 'string').filter((id) => isClientID(id));
}
// #endregion

// #region environment
/** Makes records of a response. The types of relay-runtime know neither this function nor the setting of its name. */
type Normalize = (response: GraphQLSingularResponse, ...rest: readonly unknown[]) => { readonly source: MutableRecordSource };
const { normalizeResponse } = __internal as typeof __internal & { readonly normalizeResponse: Normalize };

/** An environment whose store has no field of an object overwritten by an older value. */
export function relayEnvironment(url: string, live: Transport): Environment {
  const store = new Store(new RecordSource());
  const ask: FetchFunction = async ({ text: query }, variables) => {
    const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })).json();
  };
  const network = Network.create(ask, ({ text, name }, variables) =>
    Observable.create<GraphQLResponse>((sink) => {
      const next = (result: Result): void => sink.next(result as GraphQLSingularResponse);
      return live.subscribe({ query: text ?? '', variables, operationName: name }, { ...sink, next });
    }),
  );
  const config: EnvironmentConfig & { readonly normalizeResponse: Normalize } = {
    store,
    network,
    normalizeResponse: (response, ...rest) => {
      const payload = normalizeResponse(response, ...rest);
      const position: unknown = response.extensions?.['position'];
      if (typeof position === 'string') dropOlder(payload.source, store.getSource(), position);
      return payload;
    },
  };
  return new Environment(config);
}
// #endregion
