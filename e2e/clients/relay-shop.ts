import {
  commitMutation,
  createOperationDescriptor,
  type Disposable as Disposal,
  fetchQuery,
  type GraphQLTaggedNode,
  getRequest,
  type MutationParameters,
  requestSubscription,
} from 'relay-runtime';
import { relayEnvironment } from '../../docs/examples/clients/relay.ts';
import type { Transport } from '../../docs/examples/clients/resume.ts';
import shopOrderQuery, { type shopOrderQuery as OrderQuery, type shopOrderQuery$data } from '../generated/relay/shopOrderQuery.graphql.ts';
import shopOrderSubscription, {
  type shopOrderSubscription as OrderSubscription,
} from '../generated/relay/shopOrderSubscription.graphql.ts';
import shopOrdersSubscription, {
  type shopOrdersSubscription as OrdersSubscription,
} from '../generated/relay/shopOrdersSubscription.graphql.ts';
import shopPayMutation, { type shopPayMutation as PayMutation } from '../generated/relay/shopPayMutation.graphql.ts';
import shopShipMutation, { type shopShipMutation as ShipMutation } from '../generated/relay/shopShipMutation.graphql.ts';
import type { ShopView } from './shop-view.ts';

/** The shop by Relay. */
export function relayShop(url: string, live: Transport): ShopView {
  const environment = relayEnvironment(url, live);
  const open = new Set<Disposal>();
  const send = <M extends MutationParameters>(mutation: GraphQLTaggedNode, variables: M['variables']): Promise<M['response']> =>
    new Promise((resolve, reject) => {
      commitMutation<M>(environment, { mutation, variables, onCompleted: resolve, onError: reject });
    });
  return {
    cached: ({ id }) => environment.getStore().getSource().get(id),
    watch: (orderId, show) => {
      const operation = createOperationDescriptor(getRequest(shopOrderQuery), { orderId });
      const take = ({ order }: shopOrderQuery$data) => void (order && show(order));
      open.add(environment.retain(operation));
      void fetchQuery<OrderQuery>(environment, shopOrderQuery, { orderId })
        .toPromise()
        .then((data) => {
          if (data) take(data);
          // What is read is what the artifact says.
          open.add(environment.subscribe(environment.lookup(operation.fragment), ({ data: next }) => take(next as shopOrderQuery$data)));
        });
    },
    follow: (orderId, take) =>
      void open.add(
        requestSubscription<OrderSubscription>(environment, {
          subscription: shopOrderSubscription,
          variables: { orderId },
          onNext: (data) => void (data && take(data.orderChanged)),
        }),
      ),
    followAll: (variables, take) =>
      void open.add(
        requestSubscription<OrdersSubscription>(environment, {
          subscription: shopOrdersSubscription,
          variables,
          onNext: (data) => void (data && take(data.ordersChanged)),
        }),
      ),
    pay: async (orderId) => (await send<PayMutation>(shopPayMutation, { orderId })).payOrder.order ?? undefined,
    ship: async (orderId) => (await send<ShipMutation>(shopShipMutation, { orderId })).shipOrder.order ?? undefined,
    [Symbol.dispose]: () => {
      for (const one of open) one.dispose();
    },
  };
}
