/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What addProduct needs to know. */
export type AddProductInput = {
  /** What it is called. */
  name: string;
  /** What one unit costs. */
  price: string;
  /** Its stock keeping unit: the id that it is to have. */
  sku: string | number;
  /** Units that there are at first. */
  stock?: number;
};

/** What cancelOrder needs to know. */
export type CancelOrderInput = {
  /** The order. */
  orderId: string | number;
  /** Why. */
  reason: string;
};

/** What a message of a live stream says. */
export type ChangeKind =
  /** The object as it is now. */
  | 'CHANGED'
  /** The object is gone, or the filter no longer lets it through. */
  | 'REMOVED'
  /**
   * The server could not deliver every change since `after` (or the reader was too slow): what follows starts anew with SNAPSHOT.
   * The message is about the whole stream, so its key is empty.
   */
  | 'RESYNC'
  /** The object as it stood when the stream began; the first message, unless `after` was given. */
  | 'SNAPSHOT';

/** What changeUsername needs to know. */
export type ChangeUsernameInput = {
  /** The user. */
  userId: string | number;
  /** The new username; the present one in another case is allowed. */
  username: string;
};

/** Optional on every command. */
export type CommandOptions = {
  /** The caller's id for this one intent; sent again, it does nothing twice and answers the same. */
  commandId?: string | number | null | undefined;
  /** The aggregate's version that the caller decided on. */
  expectedVersion?: number | null | undefined;
};

/** Fields that are left out let everything through. */
export type OrderFilter = {
  /** Only orders placed before this moment. */
  placedBefore?: string | null | undefined;
  /** Only orders placed at this moment or later. */
  placedFrom?: string | null | undefined;
  /** Only orders that stand at one of these. */
  status?: Array<OrderStatus> | null | undefined;
  /** Only orders of this user. */
  userId?: string | number | null | undefined;
};

/** Units of one product; an order may name a product in several lines. */
export type OrderLineInput = {
  /** Units of it. */
  quantity: number;
  /** The product. */
  sku: string | number;
  /** What one unit costs in this order. Left out: the product's price now. */
  unitPrice?: string | null | undefined;
};

/** An order of objects of the type Order. */
export type OrderOrder = {
  /** Least or greatest first. */
  direction?: SortDirection;
  /** What to order by; the key decides between equals. */
  field: OrderOrderField;
};

/** What objects of the type Order can be ordered by. */
export type OrderOrderField =
  | 'PLACED_AT'
  | 'TOTAL';

/** Where the order stands. */
export type OrderStatus =
  | 'CANCELLED'
  | 'OPEN'
  | 'PAID'
  | 'SHIPPED';

/** What payOrder needs to know. */
export type PayOrderInput = {
  /** The order. */
  orderId: string | number;
  /** The payment's name at whoever took it. */
  paymentReference: string;
};

/** What placeOrder needs to know. */
export type PlaceOrderInput = {
  /** What is ordered. */
  lines: Array<OrderLineInput>;
  /** The id that the order is to have. */
  orderId: string | number;
  /** When it was placed. Left out: now. */
  placedAt?: string | null | undefined;
  /** Who orders. */
  userId: string | number;
};

/** An order of objects of the type Product. */
export type ProductOrder = {
  /** Least or greatest first. */
  direction?: SortDirection;
  /** What to order by; the key decides between equals. */
  field: ProductOrderField;
};

/** What objects of the type Product can be ordered by. */
export type ProductOrderField =
  | 'NAME'
  | 'SKU'
  | 'STOCK'
  | 'UNITS_SOLD';

/** What registerUser needs to know. */
export type RegisterUserInput = {
  /** Where the user lives. */
  country?: string | null | undefined;
  /** Where the user gets e-mail. */
  email?: string | null | undefined;
  /** The id that the user is to have. */
  userId: string | number;
  /** The name that the user is to go by. */
  username: string;
};

/** What restockProduct needs to know. */
export type RestockProductInput = {
  /** Units that came in. */
  quantity: number;
  /** The product. */
  sku: string | number;
};

/** What shipOrder needs to know. */
export type ShipOrderInput = {
  /** The order. */
  orderId: string | number;
};

/** Least first, or greatest first. */
export type SortDirection =
  | 'ASC'
  | 'DESC';

export type FollowedOrderFragment = { id: string, orderId: string, status: OrderStatus, username: string, version: number, lines: Array<{ sku: string, quantity: number }> };

export type FollowedOrderQueryVariables = Exact<{
  orderId: string | number;
}>;


export type FollowedOrderQuery = { order: { id: string, orderId: string, status: OrderStatus, username: string, version: number, lines: Array<{ sku: string, quantity: number }> } | null };

export type FollowOrderSubscriptionVariables = Exact<{
  orderId: string | number;
  after?: string | null | undefined;
}>;


export type FollowOrderSubscription = { orderChanged: { kind: ChangeKind, position: string, orderId: string, order: { id: string, orderId: string, status: OrderStatus, username: string, version: number, lines: Array<{ sku: string, quantity: number }> } | null } };

export type FollowOrdersSubscriptionVariables = Exact<{
  filter?: OrderFilter | null | undefined;
  after?: string | null | undefined;
  afterKey?: string | number | null | undefined;
  snapshot?: number | null | undefined;
}>;


export type FollowOrdersSubscription = { ordersChanged: { kind: ChangeKind, position: string, orderId: string, order: { id: string, orderId: string, status: OrderStatus, username: string, version: number, lines: Array<{ sku: string, quantity: number }> } | null } };

export type PayFollowedMutationVariables = Exact<{
  orderId: string | number;
}>;


export type PayFollowedMutation = { payOrder:
    | { __typename: 'CommandIdReused' }
    | { __typename: 'InvalidInput' }
    | { __typename: 'OrderAccepted', position: string, order: { id: string, orderId: string, status: OrderStatus, username: string, version: number, lines: Array<{ sku: string, quantity: number }> } }
    | { __typename: 'OrderNotFound' }
    | { __typename: 'OrderStatusConflict' }
    | { __typename: 'VersionConflict' }
   };

export type ShipFollowedMutationVariables = Exact<{
  orderId: string | number;
}>;


export type ShipFollowedMutation = { shipOrder:
    | { __typename: 'CommandIdReused' }
    | { __typename: 'InvalidInput' }
    | { __typename: 'OrderAccepted', position: string, order: { id: string, orderId: string, status: OrderStatus, username: string, version: number, lines: Array<{ sku: string, quantity: number }> } }
    | { __typename: 'OrderNotFound' }
    | { __typename: 'OrderStatusConflict' }
    | { __typename: 'VersionConflict' }
   };

export type OrdersChangedSubscriptionVariables = Exact<{
  filter?: OrderFilter | null | undefined;
  snapshot?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type OrdersChangedSubscription = { ordersChanged: { kind: ChangeKind, position: string, orderId: string, order: { status: OrderStatus } | null } };

export type EventsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  types?: Array<string> | string | null | undefined;
  stream?: string | null | undefined;
}>;


export type EventsQuery = { events: { edges: Array<{ cursor: string, node: { eventId: string, position: string, stream: string, version: number, type: string, data: unknown, recordedAt: string, commandId: string, correlationId: string, causationId: string | null, actor: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type PositionQueryVariables = Exact<{ [key: string]: never; }>;


export type PositionQuery = { position: string };

export type NodeQueryVariables = Exact<{
  id: string | number;
}>;


export type NodeQuery = { node:
    | { __typename: 'DailySales', id: string }
    | { __typename: 'Order', orderId: string, id: string }
    | { __typename: 'Product', id: string }
    | { __typename: 'User', userId: string, id: string }
   | null };

export type LogEventsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type LogEventsSubscription = { events: { position: string, type: string, stream: string } };

export type NodesQueryVariables = Exact<{
  ids: Array<string | number> | string | number;
}>;


export type NodesQuery = { nodes: Array<
    | { __typename: 'DailySales', id: string }
    | { __typename: 'Order', id: string }
    | { __typename: 'Product', id: string }
    | { __typename: 'User', id: string }
   | null> };

export type PlaceOrderMutationVariables = Exact<{
  input: PlaceOrderInput;
  options?: CommandOptions | null | undefined;
}>;


export type PlaceOrderMutation = { placeOrder:
    | { __typename: 'CommandIdReused', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string, issues: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'OrderAccepted', position: string, replayed: boolean, order: { id: string, orderId: string, status: OrderStatus, userId: string, username: string, total: string, placedAt: string, version: number, user: { username: string }, lines: Array<{ sku: string, name: string, quantity: number, unitPrice: string, amount: string, product: { stock: number } | null }> } }
    | { __typename: 'OrderExists', code: string, message: string }
    | { __typename: 'OutOfStock', code: string, message: string, sku: string, requested: number, available: number }
    | { __typename: 'ProductNotFound', code: string, message: string }
    | { __typename: 'UserNotFound', code: string, message: string }
    | { __typename: 'VersionConflict', code: string, message: string }
   };

export type PayOrderMutationVariables = Exact<{
  input: PayOrderInput;
  options?: CommandOptions | null | undefined;
}>;


export type PayOrderMutation = { payOrder:
    | { __typename: 'CommandIdReused', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'OrderAccepted', position: string, replayed: boolean, order: { orderId: string, status: OrderStatus, version: number } }
    | { __typename: 'OrderNotFound', code: string, message: string }
    | { __typename: 'OrderStatusConflict', code: string, message: string, status: OrderStatus }
    | { __typename: 'VersionConflict', code: string, message: string }
   };

export type CancelOrderMutationVariables = Exact<{
  input: CancelOrderInput;
  options?: CommandOptions | null | undefined;
}>;


export type CancelOrderMutation = { cancelOrder:
    | { __typename: 'CommandIdReused', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'OrderAccepted', position: string, order: { orderId: string, status: OrderStatus, version: number } }
    | { __typename: 'OrderNotFound', code: string, message: string }
    | { __typename: 'OrderStatusConflict', code: string, message: string }
    | { __typename: 'VersionConflict', code: string, message: string }
   };

export type OrderQueryVariables = Exact<{
  orderId: string | number;
}>;


export type OrderQuery = { order: { id: string, orderId: string, status: OrderStatus, userId: string, username: string, total: string, placedAt: string, version: number, user: { username: string }, lines: Array<{ sku: string, name: string, quantity: number, unitPrice: string, amount: string, product: { stock: number } | null }> } | null };

export type OrdersQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  filter?: OrderFilter | null | undefined;
  orderBy?: OrderOrder | null | undefined;
}>;


export type OrdersQuery = { orders: { totalCount: number, edges: Array<{ cursor: string, node: { orderId: string, status: OrderStatus, userId: string, total: string, placedAt: string } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type OrderChangedSubscriptionVariables = Exact<{
  orderId: string | number;
  after?: string | null | undefined;
}>;


export type OrderChangedSubscription = { orderChanged: { kind: ChangeKind, position: string, orderId: string, order: { status: OrderStatus, username: string, version: number } | null, cause: { type: string, position: string, commandId: string } | null } };

export type WholeOrderFragment = { id: string, orderId: string, status: OrderStatus, userId: string, username: string, total: string, placedAt: string, version: number, user: { username: string }, lines: Array<{ sku: string, name: string, quantity: number, unitPrice: string, amount: string, product: { stock: number } | null }> };

export type AddProductMutationVariables = Exact<{
  input: AddProductInput;
  options?: CommandOptions | null | undefined;
}>;


export type AddProductMutation = { addProduct:
    | { __typename: 'CommandIdReused', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string, issues: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'ProductAccepted', position: string, replayed: boolean, product: { id: string, sku: string, name: string, price: string, stock: number, unitsSold: number, version: number } }
    | { __typename: 'ProductExists', code: string, message: string }
    | { __typename: 'VersionConflict', code: string, message: string }
   };

export type RestockProductMutationVariables = Exact<{
  input: RestockProductInput;
  options?: CommandOptions | null | undefined;
}>;


export type RestockProductMutation = { restockProduct:
    | { __typename: 'CommandIdReused', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string, issues: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'ProductAccepted', position: string, replayed: boolean, product: { sku: string, stock: number, version: number } }
    | { __typename: 'ProductNotFound', code: string, message: string }
    | { __typename: 'VersionConflict', code: string, message: string }
   };

export type ProductQueryVariables = Exact<{
  sku: string | number;
}>;


export type ProductQuery = { product: { sku: string, name: string, price: string, stock: number, unitsSold: number, version: number } | null };

export type ProductsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  search?: string | null | undefined;
  orderBy?: ProductOrder | null | undefined;
}>;


export type ProductsQuery = { products: { totalCount: number, nodes: Array<{ sku: string, name: string, price: string, stock: number, unitsSold: number }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type DailySalesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type DailySalesQuery = { dailySales: { totalCount: number, nodes: Array<{ day: string, orders: number, units: number, revenue: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ShipOrderMutationVariables = Exact<{
  input: ShipOrderInput;
  options?: CommandOptions | null | undefined;
}>;


export type ShipOrderMutation = { shipOrder:
    | { __typename: 'CommandIdReused', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'OrderAccepted', position: string, order: { orderId: string, status: OrderStatus, version: number } }
    | { __typename: 'OrderNotFound', code: string, message: string }
    | { __typename: 'OrderStatusConflict', code: string, message: string }
    | { __typename: 'VersionConflict', code: string, message: string }
   };

export type RegisterUserMutationVariables = Exact<{
  input: RegisterUserInput;
  options?: CommandOptions | null | undefined;
}>;


export type RegisterUserMutation = { registerUser:
    | { __typename: 'CommandIdReused', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string, issues: Array<{ path: Array<string>, message: string }> }
    | { __typename: 'UserAccepted', position: string, replayed: boolean, user: { id: string, userId: string, username: string, version: number } }
    | { __typename: 'UsernameTaken', code: string, message: string }
    | { __typename: 'VersionConflict', code: string, message: string }
   };

export type ChangeUsernameMutationVariables = Exact<{
  input: ChangeUsernameInput;
  options?: CommandOptions | null | undefined;
}>;


export type ChangeUsernameMutation = { changeUsername:
    | { __typename: 'CommandIdReused', code: string, message: string }
    | { __typename: 'InvalidInput', code: string, message: string }
    | { __typename: 'UserAccepted', position: string, replayed: boolean, user: { userId: string, username: string, version: number } }
    | { __typename: 'UserNotFound', code: string, message: string }
    | { __typename: 'UsernameTaken', code: string, message: string }
    | { __typename: 'VersionConflict', code: string, message: string, expected: number, actual: number }
   };

export type UserQueryVariables = Exact<{
  userId: string | number;
}>;


export type UserQuery = { user: { id: string, userId: string, username: string, orderCount: number, totalSpent: string, version: number, orders: { totalCount: number, nodes: Array<{ orderId: string, username: string, total: string }> }, history: { edges: Array<{ cursor: string, node: { position: string, version: number, type: string, data: unknown } }> } } | null };

export type UserByUsernameQueryVariables = Exact<{
  username: string;
}>;


export type UserByUsernameQuery = { userByUsername: { userId: string, username: string } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const FollowedOrderFragmentDoc = new TypedDocumentString(`
    fragment FollowedOrder on Order {
  id
  orderId
  status
  username
  version
  lines {
    sku
    quantity
  }
}
    `, {"fragmentName":"FollowedOrder"}) as unknown as TypedDocumentString<FollowedOrderFragment, unknown>;
export const WholeOrderFragmentDoc = new TypedDocumentString(`
    fragment WholeOrder on Order {
  id
  orderId
  status
  userId
  username
  user {
    username
  }
  lines {
    sku
    name
    quantity
    unitPrice
    amount
    product {
      stock
    }
  }
  total
  placedAt
  version
}
    `, {"fragmentName":"WholeOrder"}) as unknown as TypedDocumentString<WholeOrderFragment, unknown>;
export const FollowedOrderDocument = new TypedDocumentString(`
    query FollowedOrder($orderId: ID!) {
  order(orderId: $orderId) {
    ...FollowedOrder
  }
}
    fragment FollowedOrder on Order {
  id
  orderId
  status
  username
  version
  lines {
    sku
    quantity
  }
}`) as unknown as TypedDocumentString<FollowedOrderQuery, FollowedOrderQueryVariables>;
export const FollowOrderDocument = new TypedDocumentString(`
    subscription FollowOrder($orderId: ID!, $after: Position) {
  orderChanged(orderId: $orderId, after: $after) {
    kind
    position
    orderId
    order {
      ...FollowedOrder
    }
  }
}
    fragment FollowedOrder on Order {
  id
  orderId
  status
  username
  version
  lines {
    sku
    quantity
  }
}`) as unknown as TypedDocumentString<FollowOrderSubscription, FollowOrderSubscriptionVariables>;
export const FollowOrdersDocument = new TypedDocumentString(`
    subscription FollowOrders($filter: OrderFilter, $after: Position, $afterKey: ID, $snapshot: Int) {
  ordersChanged(
    filter: $filter
    after: $after
    afterKey: $afterKey
    snapshot: $snapshot
  ) {
    kind
    position
    orderId
    order {
      ...FollowedOrder
    }
  }
}
    fragment FollowedOrder on Order {
  id
  orderId
  status
  username
  version
  lines {
    sku
    quantity
  }
}`) as unknown as TypedDocumentString<FollowOrdersSubscription, FollowOrdersSubscriptionVariables>;
export const PayFollowedDocument = new TypedDocumentString(`
    mutation PayFollowed($orderId: ID!) {
  payOrder(input: { orderId: $orderId, paymentReference: "card-1" }) {
    __typename
    ... on OrderAccepted {
      position
      order {
        ...FollowedOrder
      }
    }
  }
}
    fragment FollowedOrder on Order {
  id
  orderId
  status
  username
  version
  lines {
    sku
    quantity
  }
}`) as unknown as TypedDocumentString<PayFollowedMutation, PayFollowedMutationVariables>;
export const ShipFollowedDocument = new TypedDocumentString(`
    mutation ShipFollowed($orderId: ID!) {
  shipOrder(input: { orderId: $orderId }) {
    __typename
    ... on OrderAccepted {
      position
      order {
        ...FollowedOrder
      }
    }
  }
}
    fragment FollowedOrder on Order {
  id
  orderId
  status
  username
  version
  lines {
    sku
    quantity
  }
}`) as unknown as TypedDocumentString<ShipFollowedMutation, ShipFollowedMutationVariables>;
export const OrdersChangedDocument = new TypedDocumentString(`
    subscription OrdersChanged($filter: OrderFilter, $snapshot: Int, $after: Position) {
  ordersChanged(filter: $filter, snapshot: $snapshot, after: $after) {
    kind
    position
    orderId
    order {
      status
    }
  }
}
    `) as unknown as TypedDocumentString<OrdersChangedSubscription, OrdersChangedSubscriptionVariables>;
export const EventsDocument = new TypedDocumentString(`
    query Events($first: Int, $after: Position, $types: [String!], $stream: String) {
  events(first: $first, after: $after, types: $types, stream: $stream) {
    edges {
      cursor
      node {
        eventId
        position
        stream
        version
        type
        data
        recordedAt
        commandId
        correlationId
        causationId
        actor
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<EventsQuery, EventsQueryVariables>;
export const PositionDocument = new TypedDocumentString(`
    query Position {
  position
}
    `) as unknown as TypedDocumentString<PositionQuery, PositionQueryVariables>;
export const NodeDocument = new TypedDocumentString(`
    query Node($id: ID!) {
  node(id: $id) {
    __typename
    id
    ... on Order {
      orderId
    }
    ... on User {
      userId
    }
  }
}
    `) as unknown as TypedDocumentString<NodeQuery, NodeQueryVariables>;
export const LogEventsDocument = new TypedDocumentString(`
    subscription LogEvents($after: Position) {
  events(after: $after) {
    position
    type
    stream
  }
}
    `) as unknown as TypedDocumentString<LogEventsSubscription, LogEventsSubscriptionVariables>;
export const NodesDocument = new TypedDocumentString(`
    query Nodes($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    id
  }
}
    `) as unknown as TypedDocumentString<NodesQuery, NodesQueryVariables>;
export const PlaceOrderDocument = new TypedDocumentString(`
    mutation PlaceOrder($input: PlaceOrderInput!, $options: CommandOptions) {
  placeOrder(input: $input, options: $options) {
    __typename
    ... on OrderAccepted {
      position
      replayed
      order {
        ...WholeOrder
      }
    }
    ... on Rejection {
      code
      message
    }
    ... on InvalidInput {
      issues {
        path
        message
      }
    }
    ... on OutOfStock {
      sku
      requested
      available
    }
  }
}
    fragment WholeOrder on Order {
  id
  orderId
  status
  userId
  username
  user {
    username
  }
  lines {
    sku
    name
    quantity
    unitPrice
    amount
    product {
      stock
    }
  }
  total
  placedAt
  version
}`) as unknown as TypedDocumentString<PlaceOrderMutation, PlaceOrderMutationVariables>;
export const PayOrderDocument = new TypedDocumentString(`
    mutation PayOrder($input: PayOrderInput!, $options: CommandOptions) {
  payOrder(input: $input, options: $options) {
    __typename
    ... on OrderAccepted {
      position
      replayed
      order {
        orderId
        status
        version
      }
    }
    ... on Rejection {
      code
      message
    }
    ... on OrderStatusConflict {
      status
    }
  }
}
    `) as unknown as TypedDocumentString<PayOrderMutation, PayOrderMutationVariables>;
export const CancelOrderDocument = new TypedDocumentString(`
    mutation CancelOrder($input: CancelOrderInput!, $options: CommandOptions) {
  cancelOrder(input: $input, options: $options) {
    __typename
    ... on OrderAccepted {
      position
      order {
        orderId
        status
        version
      }
    }
    ... on Rejection {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<CancelOrderMutation, CancelOrderMutationVariables>;
export const OrderDocument = new TypedDocumentString(`
    query Order($orderId: ID!) {
  order(orderId: $orderId) {
    ...WholeOrder
  }
}
    fragment WholeOrder on Order {
  id
  orderId
  status
  userId
  username
  user {
    username
  }
  lines {
    sku
    name
    quantity
    unitPrice
    amount
    product {
      stock
    }
  }
  total
  placedAt
  version
}`) as unknown as TypedDocumentString<OrderQuery, OrderQueryVariables>;
export const OrdersDocument = new TypedDocumentString(`
    query Orders($first: Int, $after: String, $last: Int, $before: String, $filter: OrderFilter, $orderBy: OrderOrder) {
  orders(
    first: $first
    after: $after
    last: $last
    before: $before
    filter: $filter
    orderBy: $orderBy
  ) {
    edges {
      cursor
      node {
        orderId
        status
        userId
        total
        placedAt
      }
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
    totalCount
  }
}
    `) as unknown as TypedDocumentString<OrdersQuery, OrdersQueryVariables>;
export const OrderChangedDocument = new TypedDocumentString(`
    subscription OrderChanged($orderId: ID!, $after: Position) {
  orderChanged(orderId: $orderId, after: $after) {
    kind
    position
    orderId
    order {
      status
      username
      version
    }
    cause {
      type
      position
      commandId
    }
  }
}
    `) as unknown as TypedDocumentString<OrderChangedSubscription, OrderChangedSubscriptionVariables>;
export const AddProductDocument = new TypedDocumentString(`
    mutation AddProduct($input: AddProductInput!, $options: CommandOptions) {
  addProduct(input: $input, options: $options) {
    __typename
    ... on ProductAccepted {
      position
      replayed
      product {
        id
        sku
        name
        price
        stock
        unitsSold
        version
      }
    }
    ... on Rejection {
      code
      message
    }
    ... on InvalidInput {
      issues {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<AddProductMutation, AddProductMutationVariables>;
export const RestockProductDocument = new TypedDocumentString(`
    mutation RestockProduct($input: RestockProductInput!, $options: CommandOptions) {
  restockProduct(input: $input, options: $options) {
    __typename
    ... on ProductAccepted {
      position
      replayed
      product {
        sku
        stock
        version
      }
    }
    ... on Rejection {
      code
      message
    }
    ... on InvalidInput {
      issues {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RestockProductMutation, RestockProductMutationVariables>;
export const ProductDocument = new TypedDocumentString(`
    query Product($sku: ID!) {
  product(sku: $sku) {
    sku
    name
    price
    stock
    unitsSold
    version
  }
}
    `) as unknown as TypedDocumentString<ProductQuery, ProductQueryVariables>;
export const ProductsDocument = new TypedDocumentString(`
    query Products($first: Int, $after: String, $search: String, $orderBy: ProductOrder) {
  products(first: $first, after: $after, search: $search, orderBy: $orderBy) {
    nodes {
      sku
      name
      price
      stock
      unitsSold
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    totalCount
  }
}
    `) as unknown as TypedDocumentString<ProductsQuery, ProductsQueryVariables>;
export const DailySalesDocument = new TypedDocumentString(`
    query DailySales($first: Int, $after: String) {
  dailySales(first: $first, after: $after) {
    nodes {
      day
      orders
      units
      revenue
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    totalCount
  }
}
    `) as unknown as TypedDocumentString<DailySalesQuery, DailySalesQueryVariables>;
export const ShipOrderDocument = new TypedDocumentString(`
    mutation ShipOrder($input: ShipOrderInput!, $options: CommandOptions) {
  shipOrder(input: $input, options: $options) {
    __typename
    ... on OrderAccepted {
      position
      order {
        orderId
        status
        version
      }
    }
    ... on Rejection {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<ShipOrderMutation, ShipOrderMutationVariables>;
export const RegisterUserDocument = new TypedDocumentString(`
    mutation RegisterUser($input: RegisterUserInput!, $options: CommandOptions) {
  registerUser(input: $input, options: $options) {
    __typename
    ... on UserAccepted {
      position
      replayed
      user {
        id
        userId
        username
        version
      }
    }
    ... on Rejection {
      code
      message
    }
    ... on InvalidInput {
      issues {
        path
        message
      }
    }
  }
}
    `) as unknown as TypedDocumentString<RegisterUserMutation, RegisterUserMutationVariables>;
export const ChangeUsernameDocument = new TypedDocumentString(`
    mutation ChangeUsername($input: ChangeUsernameInput!, $options: CommandOptions) {
  changeUsername(input: $input, options: $options) {
    __typename
    ... on UserAccepted {
      position
      replayed
      user {
        userId
        username
        version
      }
    }
    ... on Rejection {
      code
      message
    }
    ... on VersionConflict {
      expected
      actual
    }
  }
}
    `) as unknown as TypedDocumentString<ChangeUsernameMutation, ChangeUsernameMutationVariables>;
export const UserDocument = new TypedDocumentString(`
    query User($userId: ID!) {
  user(userId: $userId) {
    id
    userId
    username
    orderCount
    totalSpent
    version
    orders(first: 5) {
      totalCount
      nodes {
        orderId
        username
        total
      }
    }
    history {
      edges {
        cursor
        node {
          position
          version
          type
          data
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<UserQuery, UserQueryVariables>;
export const UserByUsernameDocument = new TypedDocumentString(`
    query UserByUsername($username: String!) {
  userByUsername(username: $username) {
    userId
    username
  }
}
    `) as unknown as TypedDocumentString<UserByUsernameQuery, UserByUsernameQueryVariables>;