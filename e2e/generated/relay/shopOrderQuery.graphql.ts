/**
 * @generated SignedSource<<e807f61e4aa0c3a0bc8da0b79e764f42>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ConcreteRequest } from 'relay-runtime';
export type OrderStatus = "CANCELLED" | "OPEN" | "PAID" | "SHIPPED" | "%future added value";
export type shopOrderQuery$variables = {
  orderId: string;
};
export type shopOrderQuery$data = {
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
};
export type shopOrderQuery = {
  response: shopOrderQuery$data;
  variables: shopOrderQuery$variables;
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
        "kind": "Variable",
        "name": "orderId",
        "variableName": "orderId"
      }
    ],
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
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "shopOrderQuery",
    "selections": (v1/*:: as any*/),
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "shopOrderQuery",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "d4c264c129561bc37b3641519033f866",
    "id": null,
    "metadata": {},
    "name": "shopOrderQuery",
    "operationKind": "query",
    "text": "query shopOrderQuery(\n  $orderId: ID!\n) {\n  order(orderId: $orderId) {\n    id\n    orderId\n    status\n    username\n    version\n    lines {\n      sku\n      quantity\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "8528be4f79a4df3024e84f745bfb40b1";

export default node;
