/**
 * @generated SignedSource<<a5affe9c42e99507ba800df56400ddd6>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type ChangeKind = "CHANGED" | "REMOVED" | "RESYNC" | "SNAPSHOT" | "%future added value";
export type OrderStatus = "CANCELLED" | "OPEN" | "PAID" | "SHIPPED" | "%future added value";
export type shopOrderSubscription$variables = {
  after?: string | null | undefined;
  orderId: string;
};
export type shopOrderSubscription$data = {
  readonly orderChanged: {
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
export type shopOrderSubscription = {
  response: shopOrderSubscription$data;
  variables: shopOrderSubscription$variables;
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
  "name": "orderId"
},
v2 = {
  "alias": null,
  "args": null,
  "kind": "ScalarField",
  "name": "orderId",
  "storageKey": null
},
v3 = [
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
        "name": "orderId",
        "variableName": "orderId"
      }
    ],
    "concreteType": "OrderChange",
    "kind": "LinkedField",
    "name": "orderChanged",
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
      (v2/*:: as any*/),
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
          (v2/*:: as any*/),
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
      (v1/*:: as any*/)
    ],
    "kind": "Fragment",
    "metadata": null,
    "name": "shopOrderSubscription",
    "selections": (v3/*:: as any*/),
    "type": "Subscription",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": [
      (v1/*:: as any*/),
      (v0/*:: as any*/)
    ],
    "kind": "Operation",
    "name": "shopOrderSubscription",
    "selections": (v3/*:: as any*/)
  },
  "params": {
    "cacheID": "60818f388b1a117398fa4d2b139676e2",
    "id": null,
    "metadata": {},
    "name": "shopOrderSubscription",
    "operationKind": "subscription",
    "text": "subscription shopOrderSubscription(\n  $orderId: ID!\n  $after: Position\n) {\n  orderChanged(orderId: $orderId, after: $after) {\n    kind\n    position\n    orderId\n    order {\n      id\n      orderId\n      status\n      username\n      version\n      lines {\n        sku\n        quantity\n      }\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "322ec9390e2eb7fb02fdfc9dd93f8133";

export default node;
