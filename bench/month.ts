import type { Dispatcher } from '#command';
import { addProduct, cancelOrder, changePrice, payOrder, placeOrder, registerUser, restockProduct, shipOrder } from '#shop';
import { scattered } from './ids.ts';

/** As many as a real shop of this size has; after them, products are restocked and repriced. */
const productsMax = 4_000;
/** Orders of one day. */
const ordersADay = 300;

/** Prefix of the commands' ids. */
export const monthPrefix = 'month-';

type Sent = ReturnType<Dispatcher['send']>;
type Send = (writer: Dispatcher, ten: number, options: { readonly commandId: string }) => Sent;

const orderOf = (ten: number, which: number) => `o-${scattered(ten * 3 + which)}`;
const productOf = (ten: number) => `p-${ten % productsMax}`;

function place(which: number): Send {
  return (writer, ten, options) => {
    const known = Math.min(ten + 1, productsMax);
    const lines = [7, 13, 31].map((step) => ({ sku: `p-${(ten * step + which) % known}`, quantity: 1 + ((ten + step) % 3) }));
    const day = Math.floor((ten * 3) / ordersADay);
    const placedAt = new Date(Date.UTC(2010, 0, 1 + day, 8, 0, ten % 60)).toISOString();
    // One of the users of late: some order often, most once or twice.
    const userId = `u-${ten - ((ten * 17) % Math.min(ten + 1, 2_000))}`;
    return writer.send(placeOrder, { orderId: orderOf(ten, which), userId, lines, placedAt }, options);
  };
}

const pay =
  (which: number): Send =>
  (writer, ten, options) =>
    writer.send(payOrder, { orderId: orderOf(ten, which), paymentReference: `card-${ten}` }, options);

/** Ten commands of a shop's life: two things come, three orders of three lines are placed and paid, one is shipped or cancelled, a price changes. */
const ten: readonly Send[] = [
  (writer, ten, options) =>
    writer.send(registerUser, { userId: `u-${ten}`, username: `User ${ten}`, email: `user${ten}@example.com` }, options),
  (writer, ten, options) =>
    ten < productsMax
      ? writer.send(addProduct, { sku: `p-${ten}`, name: `Product number ${ten}`, price: '1.25', stock: 1_000_000 }, options)
      : writer.send(restockProduct, { sku: productOf(ten), quantity: 10 }, options),
  place(0),
  pay(0),
  place(1),
  pay(1),
  place(2),
  pay(2),
  (writer, ten, options) =>
    ten % 10 === 0
      ? writer.send(cancelOrder, { orderId: orderOf(ten, 2), reason: 'Changed my mind' }, options)
      : writer.send(shipOrder, { orderId: orderOf(ten, 0) }, options),
  (writer, ten, options) =>
    writer.send(changePrice, { sku: productOf(ten), price: `${2 + (Math.floor(ten / productsMax) % 50)}.50` }, options),
];

/** Sends the n-th command of a shop's life, from 1; each leaves one event. They are sent in order. */
export function sendOfMonth(writer: Dispatcher, n: number): Sent {
  const send = ten[(n - 1) % ten.length];
  if (send === undefined) throw new Error(`there is no command ${n}`);
  return send(writer, Math.floor((n - 1) / ten.length), { commandId: `${monthPrefix}${scattered(n)}` });
}
