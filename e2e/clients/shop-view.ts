import type { overSse, overWebSocket } from '../../docs/examples/clients/resume.ts';

/** An order as every client asks for it. */
export interface Order {
  readonly id: string;
  readonly orderId: string;
  readonly status: string;
  readonly username: string;
  readonly version: number;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

/** One message of a live stream of orders, as a client shows it. */
export interface Message {
  readonly kind: string;
  readonly position: string;
  readonly orderId: string;
  readonly order?: Order | null | undefined;
}

/** Which orders are followed, and after which position. */
interface Wanted {
  readonly filter?: { readonly userId: string };
  readonly after?: string;
}

/** What a page of the shop does, whatever client it is written with. */
export interface ShopView extends Disposable {
  /** What the client's cache holds under an object's id; left out: it holds answers, not objects. */
  cached?(object: Order): unknown;
  /** Shows an order, and shows it anew whenever the client's cache says so. */
  watch(orderId: string, show: (order: Order) => void): void;
  follow(orderId: string, take: (message: Message) => void): void;
  followAll(wanted: Wanted, take: (message: Message) => void): void;
  /** Answers the order as the client then has it. */
  pay(orderId: string): Promise<Order | undefined>;
  ship(orderId: string): Promise<Order | undefined>;
}

/** How streams come. */
export type Live = ReturnType<typeof overSse> | ReturnType<typeof overWebSocket>;

/** Makes the page. */
export type OpenView = (url: string, live: Live) => ShopView;
