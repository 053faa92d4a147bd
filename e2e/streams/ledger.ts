import { byKey, type Said } from '../../src/livestream/trail.fixture.ts';

/** An event as the query `events` gives it. */
export interface LoggedEvent {
  readonly position: number;
  readonly eventId: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: EventData;
}

interface EventData {
  readonly userId: string;
  readonly username: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly total: string;
  readonly placedAt: string;
  readonly sku: string;
  readonly name: string;
  readonly price: string;
  readonly stock: number;
  readonly quantity: number;
}

type Row = Readonly<Record<string, string | number>>;

/** One row's change by one event. */
export interface RowChange {
  readonly position: number;
  readonly key: string;
  readonly before: Row | undefined;
  readonly after: Row;
  readonly cause: string;
}

/** The read tables that have streams here. */
export type TableName = 'orders' | 'products' | 'dailySales';

const add = (a: unknown, b: unknown, sign: number) => ((Math.round(Number(a) * 100) + sign * Math.round(Number(b) * 100)) / 100).toFixed(2);
const unitsOf = (lines: EventData['lines']) => lines.reduce((sum, { quantity }) => sum + quantity, 0);

/** The shop's rows after each event, by the plainest means: what its projections and its streams are held against. */
export class ShopLedger {
  readonly events: readonly LoggedEvent[];
  readonly #changes: Record<TableName, RowChange[]> = { orders: [], products: [], dailySales: [] };
  readonly #rows: Record<TableName, Map<string, Row>> = { orders: new Map(), products: new Map(), dailySales: new Map() };
  readonly #ordersOf = new Map<string, string[]>();

  constructor(events: readonly LoggedEvent[]) {
    this.events = events;
    for (const [i, event] of events.entries()) {
      if (event.position !== i + 1) throw new Error(`Position ${i + 1} of the log is ${event.position}.`);
      this.#apply(event, event.stream.slice(event.stream.indexOf('-') + 1));
    }
  }

  /** A table's changes, in the order of position and key. */
  changes(table: TableName): readonly RowChange[] {
    return this.#changes[table];
  }

  /** A table's rows at a position. */
  rowsAt(table: TableName, position: number): ReadonlyMap<string, Row> {
    const rows = new Map<string, Row>();
    for (const change of this.#changes[table]) {
      if (change.position > position) break;
      rows.set(change.key, change.after);
    }
    return rows;
  }

  #put(event: LoggedEvent, table: TableName, key: string, change: (row: Row) => Row): void {
    const before = this.#rows[table].get(key);
    const after = change(before ?? {});
    this.#rows[table].set(key, after);
    this.#changes[table].push({ position: event.position, key, before, after, cause: event.eventId });
  }

  #apply(event: LoggedEvent, id: string): void {
    const { type, version, data } = event;
    if (type === 'OrderPlaced' || type === 'OrderCancelled') this.#move(event, type === 'OrderPlaced' ? 1 : -1);
    if (type === 'OrderPlaced') {
      const { userId, username, total } = data;
      this.#put(event, 'orders', id, () => ({ orderId: id, status: 'OPEN', userId, username, total, version }));
      this.#ordersOf.set(userId, [...(this.#ordersOf.get(userId) ?? []), id]);
    } else if (type.startsWith('Order')) {
      this.#put(event, 'orders', id, (row) => ({ ...row, status: type.slice('Order'.length).toUpperCase(), version }));
    } else if (type === 'UsernameChanged') {
      const orderIds = [...(this.#ordersOf.get(id) ?? [])].sort(byKey);
      for (const orderId of orderIds) this.#put(event, 'orders', orderId, (row) => ({ ...row, username: data.username }));
    } else if (type === 'ProductAdded') {
      const { sku, name, price, stock } = data;
      this.#put(event, 'products', sku, () => ({ sku, name, price, stock, unitsSold: 0, version }));
    } else if (type === 'ProductRestocked') {
      this.#put(event, 'products', data.sku, (row) => ({ ...row, stock: Number(row['stock']) + data.quantity, version }));
    } else if (type === 'PriceChanged') {
      this.#put(event, 'products', data.sku, (row) => ({ ...row, price: data.price, version }));
    }
  }

  /** An order's units leave the stock, or come back to it, and its day's sales. */
  #move(event: LoggedEvent, sign: 1 | -1): void {
    const { lines, total, placedAt } = event.data;
    for (const sku of [...new Set(lines.map((line) => line.sku))].sort(byKey)) {
      const units = sign * unitsOf(lines.filter((line) => line.sku === sku));
      const sell = (row: Row): Row => ({ ...row, stock: Number(row['stock']) - units, unitsSold: Number(row['unitsSold']) + units });
      this.#put(event, 'products', sku, sell);
    }
    const day = placedAt.slice(0, 10);
    this.#put(event, 'dailySales', day, ({ orders = 0, units = 0, revenue = 0 }) => ({
      day,
      orders: Number(orders) + sign,
      units: Number(units) + sign * unitsOf(lines),
      revenue: add(revenue, total, sign),
    }));
  }
}

/** An event as its stream says it. */
export const saidOfEvent = ({ position, type, stream, eventId }: LoggedEvent): Said => ({
  kind: 'EVENT',
  position,
  key: '',
  what: { type, stream },
  cause: eventId,
});
