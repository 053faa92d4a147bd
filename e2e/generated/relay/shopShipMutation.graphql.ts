/**
 * @generated SignedSource<<1045c92a27665891d09023ca132be7d5>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type OrderStatus = "CANCELLED" | "OPEN" | "PAID" | "SHIPPED" | "%future added value";
export type shopShipMutation$variables = {
  orderId: string;
};
export type shopShipMutation$data = {
  readonly shipOrder: {
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
export type shopShipMutation = {
  response: shopShipMutation$data;
  variables: shopShipMutation$variables;
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
          }
        ],
        "kind": "ObjectValue",
        "name": "input"
      }
    ],
    "concreteType": null,
    "kind": "LinkedField",
    "name": "shipOrder",
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
    "name": "shopShipMutation",
    "selections": (v1/*:: as any*/),
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "shopShipMutation",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "eacccba94468009aa4911d6083fc8bee",
    "id": null,
    "metadata": {},
    "name": "shopShipMutation",
    "operationKind": "mutation",
    "text": "mutation shopShipMutation(\n  $orderId: ID!\n) {\n  shipOrder(input: {orderId: $orderId}) {\n    __typename\n    ... on OrderAccepted {\n      position\n      order {\n        id\n        orderId\n        status\n        username\n        version\n        lines {\n          sku\n          quantity\n        }\n      }\n    }\n    ... on Rejection {\n      __isRejection: __typename\n      code\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "ead0617c8e9466c3748583a475ea6af1";

export default node;
