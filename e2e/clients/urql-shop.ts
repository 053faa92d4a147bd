import type { AnyVariables, OperationResult } from 'urql';
import { gql } from 'urql';
import type { Transport } from '../../docs/examples/clients/resume.ts';
import { urqlClient } from '../../docs/examples/clients/urql.ts';
import {
  FollowedOrderDocument,
  FollowOrderDocument,
  FollowOrdersDocument,
  PayFollowedDocument,
  ShipFollowedDocument,
  type TypedDocumentString,
} from '../generated/graphql.ts';
import type { ShopView } from './shop-view.ts';

const typed = <Data, Variables extends AnyVariables>(document: TypedDocumentString<Data, Variables>) =>
  gql<Data, Variables>(String(document));
const [order, follow, followAll] = [typed(FollowedOrderDocument), typed(FollowOrderDocument), typed(FollowOrdersDocument)];
const [pay, ship] = [typed(PayFollowedDocument), typed(ShipFollowedDocument)];

/** The shop by urql, with its cache of documents. */
export function urqlShop(url: string, live: Transport): ShopView {
  const client = urqlClient(url, live);
  const open = new Set<{ unsubscribe(): void }>();
  const taken = <Data>({ data, error }: OperationResult<Data>): Data => {
    if (!data) throw new Error(`no data: ${error}`);
    return data;
  };
  return {
    watch: (orderId, show) =>
      void open.add(client.query(order, { orderId }).subscribe(({ data }) => void (data?.order && show(data.order)))),
    follow: (orderId, take) =>
      void open.add(client.subscription(follow, { orderId }).subscribe((result) => take(taken(result).orderChanged))),
    followAll: (wanted, take) =>
      void open.add(client.subscription(followAll, wanted).subscribe((result) => take(taken(result).ordersChanged))),
    pay: async (orderId) => {
      const { payOrder } = taken(await client.mutation(pay, { orderId }));
      return payOrder.__typename === 'OrderAccepted' ? payOrder.order : undefined;
    },
    ship: async (orderId) => {
      const { shipOrder } = taken(await client.mutation(ship, { orderId }));
      return shipOrder.__typename === 'OrderAccepted' ? shipOrder.order : undefined;
    },
    [Symbol.dispose]: () => {
      for (const one of open) one.unsubscribe();
    },
  };
}
