import { records } from './csv.ts';
import { readHeader } from './header.ts';
import { importLimits } from './limits.ts';
import { type Reason, readRow, type SaleRow } from './row.ts';

export interface PlannedProduct {
  readonly sku: string;
  /** Its first description in the rows taken in; empty where none has one. */
  readonly description: string;
  /** Its first price in the rows taken in. */
  readonly price: string;
  /** The order rows that need it, in file order: together its stock. */
  readonly needs: { readonly invoice: string; readonly quantity: number }[];
}

export interface PlannedUser {
  readonly userId: string;
  /** Of its first row; empty where that says nothing. */
  readonly country: string;
}

export interface PlannedOrder {
  /** Where its first row begins. */
  readonly line: number;
  readonly orderId: string;
  readonly userId: string;
  /** RFC 3339, of its first row. */
  readonly placedAt: string;
  /** One a row, in file order; one product may stand in several. */
  readonly lines: { readonly sku: string; readonly quantity: number; readonly unitPrice: string }[];
}

export interface PlannedRestock {
  readonly line: number;
  readonly invoice: string;
  readonly sku: string;
  readonly quantity: number;
  /** Tells apart the rows of one invoice that return one product: from 1. */
  readonly ordinal: number;
}

export interface RejectedRow {
  readonly line: number;
  readonly reason: Reason;
}

/** What a file comes to: everything to send, in file order, and the rows left out. */
export interface Plan {
  readonly rowsRead: number;
  readonly products: readonly PlannedProduct[];
  readonly users: readonly PlannedUser[];
  readonly orders: readonly PlannedOrder[];
  readonly restocks: readonly PlannedRestock[];
  readonly rejectedRows: readonly RejectedRow[];
}

/** Units that a product must have so that the file's orders can be placed. */
export function stockNeeded({ needs }: Pick<PlannedProduct, 'needs'>): number {
  return needs.reduce((sum, { quantity }) => sum + quantity, 0);
}

/** Reads the text of a file in the UCI Online Retail format. Pure. Throws `BAD_HEADER` where its first line is no header of that format. */
export function planImport(text: string): Plan {
  const [header, ...rows] = records(text);
  const fieldsOf = readHeader(header);
  const draft = new Draft();
  const rejectedRows: RejectedRow[] = [];
  for (const { line, fields } of rows) {
    const row = fields === undefined ? 'BROKEN_CSV' : readRow(fieldsOf(fields));
    const reason = typeof row === 'string' ? row : draft.take(line, row);
    if (reason !== undefined) rejectedRows.push({ line, reason });
  }
  return { rowsRead: rows.length, rejectedRows, ...draft.result() };
}

/** A plan while its rows come in. */
class Draft {
  readonly #products = new Map<string, PlannedProduct>();
  readonly #users = new Map<string, PlannedUser>();
  readonly #orders = new Map<string, PlannedOrder>();
  readonly #restocks: PlannedRestock[] = [];
  readonly #returns = new Map<string, number>();
  /** What `stockNeeded` says of each product, kept while rows come in: adding up anew for every row took 20 s of 100,000 rows of one product. */
  readonly #needed = new Map<string, number>();

  /** Takes a row in, or says why it does not go with the rows before it. */
  take(line: number, row: SaleRow): Reason | undefined {
    const { sku, price, description, userId, country } = row;
    const product = this.#products.get(sku) ?? { sku, description, price, needs: [] };
    const fault = row.returned ? undefined : this.#order(line, row, product);
    if (fault !== undefined) return fault;
    if (row.returned) this.#restock(line, row);
    this.#products.set(sku, product.description === '' ? { ...product, description } : product);
    if (!this.#users.has(userId)) this.#users.set(userId, { userId, country });
    return undefined;
  }

  result() {
    return {
      products: [...this.#products.values()],
      users: [...this.#users.values()],
      orders: [...this.#orders.values()],
      restocks: this.#restocks,
    };
  }

  #order(line: number, { invoice, sku, quantity, price, userId, date }: SaleRow, { needs }: PlannedProduct): Reason | undefined {
    const order = this.#orders.get(invoice) ?? { line, orderId: invoice, userId, placedAt: date, lines: [] };
    if (order.userId !== userId) return 'OTHER_CUSTOMER';
    const needed = (this.#needed.get(sku) ?? 0) + quantity;
    if (needed > importLimits.unitsMax) return 'BAD_QUANTITY';
    this.#needed.set(sku, needed);
    order.lines.push({ sku, quantity, unitPrice: price });
    needs.push({ invoice, quantity });
    this.#orders.set(invoice, order);
    return undefined;
  }

  #restock(line: number, { invoice, sku, quantity }: SaleRow): void {
    const pair = JSON.stringify([invoice, sku]);
    const ordinal = (this.#returns.get(pair) ?? 0) + 1;
    this.#returns.set(pair, ordinal);
    this.#restocks.push({ line, invoice, sku, quantity, ordinal });
  }
}
