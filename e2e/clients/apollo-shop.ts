import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { buildSchema, isAbstractType, parse } from 'graphql';
import { apolloClient, liveLink } from '../../docs/examples/clients/apollo.ts';
import {
  FollowedOrderDocument,
  FollowedOrderFragmentDoc,
  FollowOrderDocument,
  FollowOrdersDocument,
  PayFollowedDocument,
  ShipFollowedDocument,
  type TypedDocumentString,
} from '../generated/graphql.ts';
import type { Live, Order, ShopView } from './shop-view.ts';

const schema = buildSchema(readFileSync(join(import.meta.dirname, '../../schema/schema.graphql'), 'utf8'));
const abstractTypes = Object.values(schema.getTypeMap()).filter((type) => isAbstractType(type));
const possibleTypes = Object.fromEntries(abstractTypes.map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]));

const typed = <Data, Variables extends OperationVariables>(document: TypedDocumentString<Data, Variables>) =>
  parse(String(document)) as TypedDocumentNode<Data, Variables>;
const [order, follow, followAll] = [typed(FollowedOrderDocument), typed(FollowOrderDocument), typed(FollowOrdersDocument)];
const fragment = typed(FollowedOrderFragmentDoc);
const [pay, ship] = [typed(PayFollowedDocument), typed(ShipFollowedDocument)];

/** The shop by Apollo Client. */
export function apolloShop(url: string, live: Live): ShopView {
  const client = apolloClient(url, 'terminate' in live ? new GraphQLWsLink(live) : liveLink(live), possibleTypes);
  const open = new Set<{ unsubscribe(): void }>();
  // A mutation answers what the server said, though the cache may know something newer.
  const shown = ({ id }: Order): Order | undefined => client.readFragment({ fragment, id: `Order:${id}` }) ?? undefined;
  return {
    cached: ({ id }) => (client.cache.extract() as Readonly<Record<string, unknown>>)[`Order:${id}`],
    watch: (orderId, show) => {
      const query = client.watchQuery({ query: order, variables: { orderId } });
      open.add(query.subscribe(({ data, dataState }) => void (dataState === 'complete' && data.order && show(data.order))));
    },
    follow: (orderId, take) => {
      const stream = client.subscribe({ query: follow, variables: { orderId } });
      open.add(stream.subscribe(({ data }) => void (data && take(data.orderChanged))));
    },
    followAll: (variables, take) => {
      const stream = client.subscribe({ query: followAll, variables });
      open.add(stream.subscribe(({ data }) => void (data && take(data.ordersChanged))));
    },
    pay: async (orderId) => {
      const { data } = await client.mutate({ mutation: pay, variables: { orderId } });
      return data?.payOrder.__typename === 'OrderAccepted' ? shown(data.payOrder.order) : undefined;
    },
    ship: async (orderId) => {
      const { data } = await client.mutate({ mutation: ship, variables: { orderId } });
      return data?.shipOrder.__typename === 'OrderAccepted' ? shown(data.shipOrder.order) : undefined;
    },
    [Symbol.dispose]: () => {
      for (const one of open) one.unsubscribe();
      client.stop();
    },
  };
}
