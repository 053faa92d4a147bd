import { open } from '#shell';
import { addProduct, placeOrder, registerUser, shop } from '#shop';

/** Fills a data folder with a user, a product, and so many orders; the ids of their commands are `o-1` and so on. */
export async function fillShop(folder: string, orders: number): Promise<void> {
  const { send, close } = await open(shop, folder);
  await send(registerUser, { userId: 'ada', username: 'Ada' });
  await send(addProduct, { sku: 'lantern', name: 'Lantern ☃', price: '3.39', stock: 1_000_000 });
  const lines = [{ sku: 'lantern', quantity: 1 }];
  await Promise.all(
    Array.from({ length: orders }, (_, i) => {
      const id = `o-${i + 1}`;
      return send(placeOrder, { orderId: id, userId: 'ada', lines, placedAt: '2010-12-01T08:26:00Z' }, { commandId: id });
    }),
  );
  await close();
}
