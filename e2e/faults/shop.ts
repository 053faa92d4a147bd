import type { ChainedEvent } from '#eventstore';
import { type LoggedEvent, type RowChange, ShopLedger, type TableName } from '../streams/ledger.ts';
import type { ShopStream } from '../streams/streams.ts';
import type { CheckedDomain, Finding, Model } from './finding.ts';

const tables: readonly string[] = ['orders', 'products', 'dailySales'] satisfies readonly TableName[];
const isTable = (name: string): name is TableName => tables.includes(name);

/** The bundled shop, with the live streams that were listened to. */
export function shopDomain(streams: readonly ShopStream[] = []): CheckedDomain {
  const byName = new Map(streams.map((stream) => [stream.name, stream]));
  return {
    rules: shopRules,
    model: (events) => {
      const ledger = new ShopLedger(events.map(logged));
      const rows = new RowsByPosition(ledger);
      return {
        row: (...place) => rows.at(...place),
        script: (name) => {
          const stream = byName.get(name);
          if (!stream) throw new Error(`No live stream ${name} is known.`);
          return stream.script(ledger);
        },
      };
    },
  };
}

const logged = (event: ChainedEvent): LoggedEvent => ({ ...event, data: JSON.parse(event.data) as LoggedEvent['data'] });

/** Every state of every row, to be found by position. */
class RowsByPosition {
  readonly #changes = new Map<string, RowChange[]>();

  constructor(ledger: ShopLedger) {
    for (const table of tables.filter(isTable))
      for (const change of ledger.changes(table)) {
        const name = `${table} ${change.key}`;
        const changes = this.#changes.get(name) ?? [];
        if (changes.push(change) === 1) this.#changes.set(name, changes);
      }
  }

  at(...[table, key, position]: Parameters<Model['row']>): RowChange['after'] | undefined {
    if (!isTable(table)) throw new Error(`No table ${table} is known.`);
    return this.#changes.get(`${table} ${key}`)?.findLast((change) => change.position <= position)?.after;
  }
}

/** The form in which usernames are compared. */
const folded = (username: string) => username.normalize('NFKC').toUpperCase().toLowerCase();

/** No stock is ever below 0, no two users ever have one name, and an order is placed once, paid before it is shipped, and cancelled only before that. */
function* shopRules(events: readonly ChainedEvent[]): Iterable<Finding> {
  const [stock, names, statuses] = [new Map<string, number>(), new Map<string, string>(), new Map<string, string>()];
  for (const { position, stream, type, data } of events.map(logged)) {
    const at = `at position ${position}`;
    const username = type === 'UserRegistered' || type === 'UsernameChanged' ? folded(data.username) : undefined;
    if (username !== undefined) {
      for (const [name, holder] of names) if (holder === stream) names.delete(name);
      const holder = names.get(username);
      if (holder !== undefined) yield { code: 'USERNAME_TAKEN', message: `${stream} takes the name of ${holder} ${at}.` };
      names.set(username, stream);
    }
    for (const [sku, units] of moved(type, data)) {
      const left = (stock.get(sku) ?? 0) + units;
      stock.set(sku, left);
      if (left < 0) yield { code: 'STOCK_NEGATIVE', message: `There are ${left} of ${sku} ${at}.` };
    }
    if (!stream.startsWith('order-')) continue;
    const before = statuses.get(stream) ?? 'none';
    statuses.set(stream, type);
    if (!followers[type]?.includes(before)) yield { code: 'EVENT_IMPOSSIBLE', message: `${stream} has ${type} after ${before} ${at}.` };
  }
}

const followers: Readonly<Record<string, readonly string[]>> = {
  OrderPlaced: ['none'],
  OrderPaid: ['OrderPlaced'],
  OrderShipped: ['OrderPaid'],
  OrderCancelled: ['OrderPlaced', 'OrderPaid'],
};

/** By how many units an event moves which stocks. */
function moved(type: string, { sku, stock, quantity, lines }: LoggedEvent['data']): readonly (readonly [string, number])[] {
  if (type === 'ProductAdded') return [[sku, stock]];
  if (type === 'ProductRestocked') return [[sku, quantity]];
  const sign = type === 'OrderPlaced' ? -1 : 1;
  const isMove = type === 'OrderPlaced' || type === 'OrderCancelled';
  return isMove ? lines.map((line) => [line.sku, sign * line.quantity]) : [];
}
