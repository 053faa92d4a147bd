import { application } from '#varve';
import { dailySalesApi } from './dailysales/api.ts';
import { ordersApi } from './order/api.ts';
import { cancelOrder, payOrder, placeOrder, shipOrder } from './order/decider.ts';
import { playground } from './playground.ts';
import { productsApi } from './product/api.ts';
import { addProduct, changePrice, restockProduct } from './product/decider.ts';
import { usersApi } from './user/api.ts';
import { changeUsername, registerUser } from './user/decider.ts';

/** The bundled shop: users, products, orders, daily sales. */
export const shop = application({
  name: 'shop',
  module: import.meta.url,
  commands: [registerUser, changeUsername, addProduct, restockProduct, changePrice, placeOrder, payOrder, shipOrder, cancelOrder],
  shows: [usersApi, productsApi, ordersApi, dailySalesApi],
  playground,
});

export { dailySales } from './dailysales/readtable.ts';
export { examples } from './examples.ts';
export { shopLimits } from './limits.ts';
export { order } from './order/event.ts';
export { orders } from './order/readtable.ts';
export { product } from './product/event.ts';
export { products } from './product/readtable.ts';
export * from './rejections.ts';
export { user } from './user/event.ts';
export { users } from './user/readtable.ts';
export { addProduct, cancelOrder, changePrice, changeUsername, payOrder, placeOrder, registerUser, restockProduct, shipOrder };
