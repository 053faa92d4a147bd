/**
 * @generated SignedSource<<378ec4c6a656d4e69b7365664b2a9ca3>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type OrderStatus = "CANCELLED" | "OPEN" | "PAID" | "SHIPPED" | "%future added value";
export type shopPayMutation$variables = {
  orderId: string;
};
export type shopPayMutation$data = {
  readonly payOrder: {
    readonly __typename: string;
    readonly code?: string;
    readonly order?: {
      readonly id: string;
      readonly lines: ReadonlyArray<{
        readonly quantity: number;
        readonly sku: string;
      }>;
      readonly orderId: string;
      readonly status: OrderStatus;
      readonly username: string;
      readonly version: number;
    };
    readonly position?: string;
  };
};
export type shopPayMutation = {
  response: shopPayMutation$data;
  variables: shopPayMutation$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "orderId"
  }
],
v1 = [
  {
    "alias": null,
    "args": [
      {
        "fields": [
          {
            "kind": "Variable",
            "name": "orderId",
            "variableName": "orderId"
          },
          {
            "kind": "Literal",
            "name": "paymentReference",
            "value": "card-1"
          }
        ],
        "kind": "ObjectValue",
        "name": "input"
      }
    ],
    "concreteType": null,
    "kind": "LinkedField",
    "name": "payOrder",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "__typename",
        "storageKey": null
      },
      {
        "kind": "InlineFragment",
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "position",
            "storageKey": null
          },
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
              {
                "alias": null,
                "args": null,
                "kind": "ScalarField",
                "name": "orderId",
                "storageKey": null
              },
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
        "type": "OrderAccepted",
        "abstractKey": null
      },
      {
        "kind": "InlineFragment",
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "code",
            "storageKey": null
          }
        ],
        "type": "Rejection",
        "abstractKey": "__isRejection"
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "shopPayMutation",
    "selections": (v1/*:: as any*/),
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "shopPayMutation",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "6f94387371564cfbc645f31a8d33659e",
    "id": null,
    "metadata": {},
    "name": "shopPayMutation",
    "operationKind": "mutation",
    "text": "mutation shopPayMutation(\n  $orderId: ID!\n) {\n  payOrder(input: {orderId: $orderId, paymentReference: \"card-1\"}) {\n    __typename\n    ... on OrderAccepted {\n      position\n      order {\n        id\n        orderId\n        status\n        username\n        version\n        lines {\n          sku\n          quantity\n        }\n      }\n    }\n    ... on Rejection {\n      __isRejection: __typename\n      code\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "4989eaf6189b7ad4b13548d040d8477c";

export default node;
