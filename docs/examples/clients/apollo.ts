import {
  ApolloClient,
  ApolloLink,
  type FieldMergeFunction,
  HttpLink,
  InMemoryCache,
  Observable,
  type PossibleTypesMap,
} from '@apollo/client';
import { OperationTypeNode, print } from 'graphql';
import type { Transport } from './resume.ts';

// #region link
/** Subscriptions of Apollo Client over graphql-ws or graphql-sse. */
export const liveLink = (live: Transport): ApolloLink =>
  new ApolloLink(
    ({ query, variables, operationName = '' }) =>
      new Observable((observer) => live.subscribe({ query: print(query), variables, operationName }, observer)),
  );
// #endregion

// #region newest
/** Takes a field's value where it was read at the position that the one in the cache was read at, or a later one. */
const newest: FieldMergeFunction<unknown> = (_, incoming, { existingData: existing, extensions, storage }) => {
  const position = extensions?.['position'];
  if (typeof position !== 'string') return incoming; // Written by the application itself.
  if (existing !== undefined && storage['position'] > BigInt(position)) return existing;
  storage['position'] = BigInt(position);
  return incoming;
};

/** A cache in which no field of an object is overwritten by an older value. Fields with a `merge` of their own keep it. */
export function newestCache(possibleTypes: PossibleTypesMap): InMemoryCache {
  const cache = new InMemoryCache({ possibleTypes });
  const objects = new Set(possibleTypes['Node']);
  const { policies } = cache;
  const merges = policies.getMergeFunction.bind(policies);
  policies.getMergeFunction = (parent, field, child) => merges(parent, field, child) ?? (objects.has(parent ?? '') ? newest : undefined);
  return cache;
}
// #endregion

// #region client
/**
 * @param live where subscriptions go
 * @param possibleTypes of each interface and union, as `@graphql-codegen/fragment-matcher` writes them
 */
export const apolloClient = (url: string, live: ApolloLink, possibleTypes: PossibleTypesMap): ApolloClient =>
  new ApolloClient({
    cache: newestCache(possibleTypes),
    link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, live, new HttpLink({ uri: url })),
  });
// #endregion
