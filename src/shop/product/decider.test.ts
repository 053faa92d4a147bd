import { describe, test } from 'vitest';
import { InvalidInput, parseDecimal, scenario } from '#varve';
import { examples } from '../examples.ts';
import { happened } from '../given.fixture.ts';
import { shop } from '../index.ts';
import { shopLimits } from '../limits.ts';
import { cancelOrder } from '../order/decider.ts';
import { ProductExists, ProductNotFound } from '../rejections.ts';
import { addProduct, changePrice, restockProduct } from './decider.ts';
import { product } from './event.ts';
import { products } from './readtable.ts';

const { lantern, order } = examples;
const { sku } = lantern;
const { adaRegistered, lanternAdded, heartAdded, orderPlaced } = happened;
const { productUnitsMax } = shopLimits;

/** A shop in which the example's order took 6 of 20 lanterns. */
const sold = () =>
  scenario(shop)
    .given('ada', adaRegistered)
    .given(sku, lanternAdded)
    .given(heartAdded.data.sku, heartAdded)
    .given(order.orderId, orderPlaced);

describe('addProduct', () => {
  test('adds a product', async () => {
    await scenario(shop)
      .when(addProduct, lantern)
      .thenEvents(lanternAdded)
      .thenRow(products, sku, { sku, name: lantern.name, price: parseDecimal('3.39'), stock: 20, unitsSold: 0, version: 1 })
      .again();
  });

  test('adds one without stock, and one that costs nothing', async () => {
    await scenario(shop)
      .when(addProduct, { sku, name: lantern.name, price: '0' })
      .thenEvents(product.ProductAdded({ sku, name: lantern.name, price: parseDecimal('0'), stock: 0 }));
  });

  test('refuses an SKU that is in use', async () => {
    await scenario(shop).given(sku, lanternAdded).when(addProduct, lantern).thenRefused(ProductExists, { sku });
  });
});

describe('restockProduct', () => {
  test('adds to what there is', async () => {
    await sold()
      .when(restockProduct, { sku, quantity: 5 })
      .thenEvents(product.ProductRestocked({ sku, quantity: 5 }))
      .thenRow(products, sku, { stock: 19, unitsSold: 6, version: 2 })
      .again();
  });

  test('refuses a product that nobody added', async () => {
    await scenario(shop).when(restockProduct, { sku, quantity: 5 }).thenRefused(ProductNotFound, { sku });
  });

  test('keeps room for all units sold to come back', async () => {
    const room = productUnitsMax - 20;
    const message = `must be at most ${room}: more units of one product cannot be kept`;
    await sold()
      .when(restockProduct, { sku, quantity: room + 1 })
      .thenRefused(InvalidInput, { issues: [{ path: ['quantity'], message }] })
      .when(restockProduct, { sku, quantity: room })
      .thenRow(products, sku, { stock: productUnitsMax - 6, unitsSold: 6 })
      .when(cancelOrder, { orderId: order.orderId, reason: 'Changed my mind' })
      .thenRow(products, sku, { stock: productUnitsMax, unitsSold: 0 });
  });
});

describe('changePrice', () => {
  test('changes it', async () => {
    await scenario(shop)
      .given(sku, lanternAdded)
      .when(changePrice, { sku, price: '3.4567' })
      .thenEvents(product.PriceChanged({ sku, previousPrice: parseDecimal('3.39'), price: parseDecimal('3.4567') }))
      .thenRow(products, sku, { price: parseDecimal('3.4567'), stock: 20, version: 2 })
      .again();
  });

  test('does nothing where the price is the same, however it is written', async () => {
    await scenario(shop).given(sku, lanternAdded).when(changePrice, { sku, price: '3.390' }).thenNothing();
  });

  test('refuses a product that nobody added', async () => {
    await scenario(shop).when(changePrice, { sku, price: '1' }).thenRefused(ProductNotFound, { sku });
  });
});
