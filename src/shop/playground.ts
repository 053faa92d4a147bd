import { examples } from './examples.ts';

const { ada, lantern, order } = examples;

/** A quoted GraphQL string. */
const quoted = (text: string) => JSON.stringify(text);

/** GraphiQL's first tab: operations with everything filled in, to be run one after the other. */
export const playground = `# A small shop: commands in, events kept,
# read tables out, live.
#
# Put the cursor into an operation and press the
# play button (or Ctrl+Enter); with none chosen,
# a list of all of them opens. Run 1 to 9 in turn.
# Every value is filled in; change what you like.
# A refused command is an answer, not an error:
# what was wrong stands in its code and message.

# 1. Somebody who can order.
# Run it twice: the username is taken then.
mutation RegisterUser {
  registerUser(input: { userId: ${quoted(ada.userId)}, username: ${quoted(ada.username)}, email: ${quoted(ada.email)}, country: ${quoted(ada.country)} }) {
    __typename
    ... on UserAccepted { position user { userId username orderCount totalSpent version } }
    ... on Rejection { code message }
  }
}

# 2. Something to order.
mutation AddProduct {
  addProduct(input: { sku: ${quoted(lantern.sku)}, name: ${quoted(lantern.name)}, price: ${quoted(lantern.price)}, stock: ${lantern.stock} }) {
    __typename
    ... on ProductAccepted { position product { sku name price stock version } }
    ... on Rejection { code message }
  }
}

# 3. Watch the order before it is there: open a
# second tab (+), copy this document, run this
# operation, leave it running.
subscription WatchOrder {
  orderChanged(orderId: ${quoted(order.orderId)}) {
    kind
    position
    order { status username total lines { name quantity amount } }
    cause { type recordedAt }
  }
}

# 4. Place it. All lines or nothing; stock never
# falls below 0. The commandId makes it safe to
# send again: run it twice, it is placed once and
# the second answer says \`replayed\`.
mutation PlaceOrder {
  placeOrder(
    input: { orderId: ${quoted(order.orderId)}, userId: ${quoted(ada.userId)}, lines: [{ sku: ${quoted(lantern.sku)}, quantity: 2 }, { sku: ${quoted(lantern.sku)}, quantity: 1, unitPrice: "2.99" }] }
    options: { commandId: "my-first-order" }
  ) {
    __typename
    ... on OrderAccepted {
      position
      replayed
      order { orderId status total placedAt user { username totalSpent } lines { quantity unitPrice amount product { name stock } } }
    }
    ... on OutOfStock { sku requested available }
    ... on InvalidInput { issues { path message } }
    ... on Rejection { code message }
  }
}

# 5. Pay it.
# Only an open order can be paid: run it twice.
mutation PayOrder {
  payOrder(input: { orderId: ${quoted(order.orderId)}, paymentReference: "card-4711" }) {
    __typename
    ... on OrderAccepted { position order { status version } }
    ... on OrderStatusConflict { status }
    ... on Rejection { code message }
  }
}

# 6. Another name: it shows on the orders too,
# old ones included.
mutation ChangeUsername {
  changeUsername(input: { userId: ${quoted(ada.userId)}, username: "Countess" }) {
    __typename
    ... on UserAccepted { position user { username orders(first: 5) { nodes { orderId username } } } }
    ... on Rejection { code message }
  }
}

# 7. Page through the orders, newest first: give
# \`endCursor\` as \`after\` for the next page.
query PageOrders {
  orders(first: 10, after: null, filter: { status: [OPEN, PAID] }, orderBy: { field: PLACED_AT, direction: DESC }) {
    totalCount
    nodes { orderId status username total placedAt }
    pageInfo { hasNextPage endCursor }
  }
}

# 8. What the days brought,
# and what is left to sell.
query Overview {
  dailySales(last: 7) { nodes { day orders units revenue } }
  products(search: "lantern", orderBy: { field: STOCK }) { nodes { sku name price stock unitsSold } }
}

# 9. The log: all that happened, as it happened.
# Everything above is made of it.
query Log {
  position
  events(first: 20) { nodes { position stream version type data recordedAt commandId } }
}
`;
