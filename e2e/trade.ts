import { addProduct, cancelOrder, changePrice, changeUsername, placeOrder, registerUser, shop } from '#shop';
import { type Engine, open } from '#varve';

/** A life of a small shop, some of it at once: 15 commands, an event each. */
export async function trade({ send }: Pick<Engine, 'send'>): Promise<void> {
  await Promise.all(['ada', 'grace'].map((userId) => send(registerUser, { userId, username: userId })));
  await Promise.all(['heart', 'lantern'].map((sku) => send(addProduct, { sku, name: sku, price: '2.55', stock: 50 })));
  const lines = ['heart', 'lantern', 'heart'].map((sku) => ({ sku, quantity: 1 }));
  await Promise.all(Array.from({ length: 8 }, (_, i) => send(placeOrder, { orderId: `${i}`, userId: i % 2 ? 'ada' : 'grace', lines })));
  await Promise.all([
    send(changeUsername, { userId: 'ada', username: 'Countess' }),
    send(cancelOrder, { orderId: '3', reason: 'mind changed' }),
    send(changePrice, { sku: 'heart', price: '3' }),
  ]);
}

/** A data folder with that life in it, and nobody who holds it. */
export async function tradeIn(folder: string): Promise<void> {
  const engine = await open(shop, folder);
  await trade(engine);
  await engine.close();
}
