/**
 * @generated SignedSource<<e74cb6acf18fde6ed7182eba189e5ae1>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import type { ReaderFragment } from 'relay-runtime';
export type OrderStatus = "CANCELLED" | "OPEN" | "PAID" | "SHIPPED" | "%future added value";
import type { FragmentRefs } from "relay-runtime";
export type shop_order$data = {
  readonly id: string;
  readonly lines: ReadonlyArray<{
    readonly quantity: number;
    readonly sku: string;
  }>;
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly username: string;
  readonly version: number;
  readonly " $fragmentType": "shop_order";
};
export type shop_order$key = {
  readonly " $data"?: shop_order$data;
  readonly " $fragmentSpreads": FragmentRefs<"shop_order">;
};

const node: ReaderFragment = {
  "argumentDefinitions": [],
  "kind": "Fragment",
  "metadata": null,
  "name": "shop_order",
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
  "type": "Order",
  "abstractKey": null
};

(node as any).hash = "a21f409d544904bc4a2ce9b50345fdfd";

export default node;
