// #region follow
/** One message of the stream of an order. */
export interface OrderMessage {
  readonly kind: 'SNAPSHOT' | 'CHANGED' | 'REMOVED' | 'RESYNC';
  readonly position: string;
  readonly order: { readonly status: string; readonly username: string } | null;
}

const query = `subscription ($orderId: ID!) {
  orderChanged(orderId: $orderId) { kind position order { status username } }
}`;

/** Follows an order, with nothing but what browsers have. Cut off, an EventSource comes back by itself and says where it was: nothing is missed. */
export function followOrder(url: string, orderId: string, take: (message: OrderMessage) => void): EventSource {
  const asked = new URLSearchParams({ query, variables: JSON.stringify({ orderId }) });
  const source = new EventSource(`${url}?${asked}`);
  source.addEventListener('next', ({ data }) => take(JSON.parse(data).data.orderChanged));
  // Over for good: without this an EventSource would ask again.
  source.addEventListener('complete', () => source.close());
  return source;
}
// #endregion
