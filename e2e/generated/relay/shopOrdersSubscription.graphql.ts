/**
 * @generated SignedSource<<3b1aec1345dd1300a3b118a908025d23>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type ChangeKind = "CHANGED" | "REMOVED" | "RESYNC" | "SNAPSHOT" | "%future added value";
export type OrderStatus = "CANCELLED" | "OPEN" | "PAID" | "SHIPPED" | "%future added value";
export type OrderFilter = {
  placedBefore?: string | null | undefined;
  placedFrom?: string | null | undefined;
  status?: ReadonlyArray<OrderStatus> | null | undefined;
  userId?: string | null | undefined;
};
export type shopOrdersSubscription$variables = {
  after?: string | null | undefined;
  afterKey?: string | null | undefined;
  filter?: OrderFilter | null | undefined;
  snapshot?: number | null | undefined;
};
export type shopOrdersSubscription$data = {
  readonly ordersChanged: {
    readonly kind: ChangeKind;
    readonly order: {
      readonly id: string;
      readonly lines: ReadonlyArray<{
        readonly quantity: number;
        readonly sku: string;
      }>;
      readonly orderId: string;
      readonly status: OrderStatus;
      readonly username: string;
      readonly version: number;
    } | null | undefined;
    readonly orderId: string;
    readonly position: string;
  };
};
export type shopOrdersSubscription = {
  response: shopOrdersSubscription$data;
  variables: shopOrdersSubscription$variables;
};

const node: ConcreteRequest = (function(){
var v0 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "after"
},
v1 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "afterKey"
},
v2 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "filter"
},
v3 = {
  "defaultValue": null,
  "kind": "LocalArgument",
  "name": "snapshot"
},
v4 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "orderId",
  "storageKey": null
},
v5 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "after",
        "variableName": "after"
      },
      {
        "kind": "Variable",
        "name": "afterKey",
        "variableName": "afterKey"
      },
      {
        "kind": "Variable",
        "name": "filter",
        "variableName": "filter"
      },
      {
        "kind": "Variable",
        "name": "snapshot",
        "variableName": "snapshot"
      }
    ],
    "concreteType": "OrderChange",
    "kind": "LinkedField",
    "name": "ordersChanged",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "kind",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "position",
        "storageKey": null
      },
      (v4/*:: as any*/),
      {
        "alias": null,
        "args": null,
        "concreteType": "Order",
        "kind": "LinkedField",
        "name": "order",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "id",
            "storageKey": null
          },
          (v4/*:: as any*/),
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "status",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "username",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "version",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "concreteType": "OrderLine",
            "kind": "LinkedField",
            "name": "lines",
            "plural": true,
            "selections": [
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "sku",
                "storageKey": null
              },
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "quantity",
                "storageKey": null
              }
            ],
            "storageKey": null
          }
        ],
        "storageKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": [
      (v0/*:: as any*/),
      (v1/*:: as any*/),
      (v2/*:: as any*/),
      (v3/*:: as any*/)
    ],
    "kind": "Fragment",
    "metadata": null,
    "name": "shopOrdersSubscription",
    "selections": (v5/*:: as any*/),
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [
      (v2/*:: as any*/),
      (v0/*:: as any*/),
      (v1/*:: as any*/),
      (v3/*:: as any*/)
    ],
    "kind": "Operation",
    "name": "shopOrdersSubscription",
    "selections": (v5/*:: as any*/)
  },
  "params": {
    "cacheID": "dc9f652fe8e70d442114be0ecaa9712a",
    "id": null,
    "metadata": {},
    "name": "shopOrdersSubscription",
    "operationKind": "subscription",
    "text": "subscription shopOrdersSubscription(\n  $filter: OrderFilter\n  $after: Position\n  $afterKey: ID\n  $snapshot: Int\n) {\n  ordersChanged(filter: $filter, after: $after, afterKey: $afterKey, snapshot: $snapshot) {\n    kind\n    position\n    orderId\n    order {\n      id\n      orderId\n      status\n      username\n      version\n      lines {\n        sku\n        quantity\n      }\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "596457af33ac36c84aaa592c5ff4f607";

export default node;
