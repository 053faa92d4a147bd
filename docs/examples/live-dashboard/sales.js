const lastOrdersMax = 8;

/** What the page knows. One stream tells all of it: each day's figures, and the orders that moved them. */
export class Sales {
  static subscription = `subscription Sales {
    dailySalesChanged {
      kind
      position
      day
      dailySales { day orders units revenue }
      cause { type stream data }
    }
  }`;

  /** By day, such as 2010-12-01. */
  days = new Map();
  /** Newest first. */
  lastOrders = [];
  /** The day that moved last. */
  moved = undefined;
  position = undefined;

  /** The stream begins anew: snapshots follow. */
  forget() {
    this.days.clear();
    this.moved = undefined;
  }

  take({ kind, position, day, dailySales, cause }) {
    this.position = position;
    if (kind === 'RESYNC') return this.forget();
    if (dailySales) this.days.set(day, dailySales);
    else this.days.delete(day);
    if (kind !== 'SNAPSHOT') this.moved = day;
    if (cause) this.#note(cause);
  }

  /** The days in order, what they come to, and the day to look at: the one that moved last, or else the latest. */
  summary() {
    const days = [...this.days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
    const sum = (of) => days.reduce((total, day) => total + of(day), 0);
    return {
      days,
      orders: sum(({ orders }) => orders),
      units: sum(({ units }) => units),
      revenue: sumOf(days.map(({ revenue }) => revenue)),
      now: this.days.get(this.moved) ?? days.at(-1),
    };
  }

  #note({ type, stream, data }) {
    const orderId = stream.slice('order-'.length);
    if (type === 'OrderPlaced') this.lastOrders = [{ orderId, ...data }, ...this.lastOrders].slice(0, lastOrdersMax);
    if (type === 'OrderCancelled')
      this.lastOrders = this.lastOrders.map((order) => (order.orderId === orderId ? { ...order, isCancelled: true } : order));
  }
}

/** Adds decimals such as "12.50" exactly; numbers would lose pence over many orders. */
function sumOf(decimals) {
  const total = decimals.reduce((sum, decimal) => sum + scaled(decimal), 0n);
  const digits = String(total < 0n ? -total : total).padStart(5, '0');
  const text = `${digits.slice(0, -4)}.${digits.slice(-4).replace(/0{1,2}$/, '')}`;
  return total < 0n ? `-${text}` : text;
}

/** Ten-thousandths, the finest that the shop has. */
function scaled(decimal) {
  const [whole, fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(4, '0'));
}
