import type { Chance } from '../streams/subscriber.ts';
import type { Sending } from './history.ts';

/** A command as a client of the shop wishes it, and what it will leave where it takes effect. */
export interface Wish extends Pick<Sending, 'stream' | 'leaves' | 'mayBeIdle'> {
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What is sold: of the second there is never enough for everyone. */
export const skus = ['lantern', 'heart', 'bunting'] as const;
/** When it is ordered. */
export const days = ['2010-12-01', '2010-12-02', '2010-12-03'] as const;
/** Fewer names than there are users. */
const usernames = ['Ada', 'ADA', 'Grace', 'Countess', 'Straße', 'STRASSE'];

type Input = Wish['input'];

const wish = (command: string, stream: string, input: Input, type: string, data: Input, mayBeIdle = false): Wish => ({
  ...{ command, input, stream, mayBeIdle },
  leaves: [{ type, data }],
});

/** What has to be there before anything can be ordered. */
export const openingWishes: readonly Wish[] = skus.map((sku, i) => {
  const product = { sku, name: `Name of ${sku}`, stock: i === 1 ? 40 : 1_000_000 };
  return wish('addProduct', `product-${sku}`, { ...product, price: '2.50' }, 'ProductAdded', product);
});

/** Somebody who trades at random: a user, with orders of their own. */
export class Trader {
  readonly #name: string;
  readonly #chance: Chance;
  #placed = 0;

  /** The name is unique in a history. */
  constructor(name: string, chance: Chance) {
    this.#name = name;
    this.#chance = chance;
  }

  /** Comes first; the name is the user's own. */
  registering(): Wish {
    const user = { username: `Name of ${this.#name}` };
    return wish('registerUser', `user-${this.#name}`, { userId: this.#name, ...user }, 'UserRegistered', user);
  }

  /** One of the orders that were placed lately, or one that was not yet. */
  orderId(): string {
    return `${this.#name}-${Math.max(1, this.#placed - this.#chance(6))}`;
  }

  next(): Wish {
    switch (this.#chance(12)) {
      case 0:
      case 1:
        return this.#onOrder('payOrder', 'OrderPaid', { paymentReference: `card ${this.#chance(100)}` });
      case 2:
        return this.#onOrder('shipOrder', 'OrderShipped', {});
      case 3:
        return this.#onOrder('cancelOrder', 'OrderCancelled', { reason: `reason ${this.#chance(100)}` });
      case 4:
        return this.#onProduct('restockProduct', 'ProductRestocked', { quantity: 1 + this.#chance(5) });
      case 5:
        return this.#pricing();
      case 6:
        return this.#renaming();
      default:
        return this.#placing();
    }
  }

  #of<T>(list: readonly T[]): T {
    return list[this.#chance(list.length)] as T;
  }

  #placing(): Wish {
    this.#placed += 1;
    const orderId = `${this.#name}-${this.#placed}`;
    const lines = Array.from({ length: 1 + this.#chance(3) }, () => ({ sku: this.#of(skus), quantity: 1 + this.#chance(4) }));
    const input = { orderId, userId: this.#name, placedAt: `${this.#of(days)}T08:26:00Z`, lines };
    return wish('placeOrder', `order-${orderId}`, input, 'OrderPlaced', { userId: this.#name });
  }

  #onOrder(command: string, type: string, data: Input): Wish {
    const orderId = this.orderId();
    return wish(command, `order-${orderId}`, { orderId, ...data }, type, data);
  }

  #onProduct(command: string, type: string, data: Input): Wish {
    const product = { sku: this.#of(skus), ...data };
    return wish(command, `product-${product.sku}`, product, type, product);
  }

  #pricing(): Wish {
    const sku = this.#of(skus);
    const price = `${1 + this.#chance(9)}.50`;
    return wish('changePrice', `product-${sku}`, { sku, price }, 'PriceChanged', { sku }, true);
  }

  #renaming(): Wish {
    const user = { username: this.#of(usernames) };
    return wish('changeUsername', `user-${this.#name}`, { userId: this.#name, ...user }, 'UsernameChanged', user, true);
  }
}
