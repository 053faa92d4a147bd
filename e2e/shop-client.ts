import { client } from './client.ts';
import { AddProductDocument, PayOrderDocument, PlaceOrderDocument, ProductDocument, RegisterUserDocument } from './generated/graphql.ts';

/** A client that says in short what tests of the shop say often; each answers the mutation's result. */
export function shopClient(url: string) {
  const api = client(url);
  const { data } = api;
  return {
    ...api,
    register: async (userId: string, username = userId) => (await data(RegisterUserDocument, { input: { userId, username } })).registerUser,
    add: async (sku: string, stock: number, price = '2.50') =>
      (await data(AddProductDocument, { input: { sku, name: `Name of ${sku}`, price, stock } })).addProduct,
    place: async (orderId: string, userId: string, sku: string, quantity: number, { placedAt, commandId }: PlaceOptions = {}) =>
      (await data(PlaceOrderDocument, { input: { orderId, userId, lines: [{ sku, quantity }], placedAt }, options: { commandId } }))
        .placeOrder,
    pay: async (orderId: string) => (await data(PayOrderDocument, { input: { orderId, paymentReference: 'card-1' } })).payOrder,
    stockOf: async (sku: string) => (await data(ProductDocument, { sku })).product?.stock,
  };
}

interface PlaceOptions {
  readonly placedAt?: string;
  readonly commandId?: string;
}
