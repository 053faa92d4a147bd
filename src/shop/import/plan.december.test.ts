import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { examples } from '../examples.ts';
import { commandsOf } from './operations.ts';
import { planImport, stockNeeded } from './plan.ts';
import { columns } from './row.ts';

const file = fileURLToPath(new URL('../../../../shared/data/online-retail/2010-12.csv', import.meta.url));
const present = existsSync(file);
if (!present) console.warn(`Skipped: the real orders are not there (${file}).`);

/** Reads the file in another way than the import does: it has no line break within quotes. */
function readDecember() {
  const fields = /("(?:[^"]|"")*"|[^,]*)(?:,|$)/g;
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line, index) => {
    const [invoice = '', sku = '', , quantity = '', date = '', price = '', customer = ''] = Array.from(
      line.matchAll(fields),
      ([, field]) => field ?? '',
    );
    return {
      line: index + 2,
      invoice,
      sku,
      quantity: Number(quantity),
      day: date.slice(0, 10),
      pence: Math.round(Number(price) * 100),
      customer,
    };
  });
}

const december = present ? planImport(readFileSync(file, 'utf8')) : planImport(columns.join(','));

const sumBy = <T>(items: readonly T[], key: (item: T) => string, value: (item: T) => number) => {
  const sums: Record<string, number> = {};
  for (const item of items) sums[key(item)] = (sums[key(item)] ?? 0) + value(item);
  return sums;
};

test.skipIf(!present)("December 2010: no id of the file is one of the examples', so who took the tour can import it", () => {
  const ids = new Set([...december.products, ...december.restocks].map(({ sku }) => sku));
  for (const { orderId } of december.orders) ids.add(orderId);
  for (const { userId } of december.users) ids.add(userId);
  const { ada, lantern, heart, order } = examples;
  expect([ada.userId, lantern.sku, heart.sku, order.orderId].filter((id) => ids.has(id))).toEqual([]);
  expect(december.orders.map(({ orderId }) => orderId)).toContain('536365');
});

test.skipIf(!present)('December 2010: every row is taken in or left out for its reason', () => {
  const rows = readDecember();
  const plan = december;
  expect(plan.rowsRead).toBe(42_481);
  expect(plan.rowsRead).toBe(rows.length);
  expect(plan.rejectedRows).toEqual(rows.filter(({ pence }) => pence === 0).map(({ line }) => ({ line, reason: 'NO_PRICE' })));
  expect(plan.rejectedRows).toHaveLength(273);
  const priced = rows.filter(({ pence }) => pence > 0);
  const [returns, sales] = [
    priced.filter(({ invoice }) => invoice.startsWith('C')),
    priced.filter(({ invoice }) => !invoice.startsWith('C')),
  ];
  expect(plan.orders.map(({ orderId }) => orderId)).toEqual([...new Set(sales.map(({ invoice }) => invoice))]);
  expect(plan.orders.flatMap(({ lines }) => lines)).toHaveLength(sales.length);
  expect(plan.restocks.map(({ line, quantity }) => [line, -quantity])).toEqual(returns.map(({ line, quantity }) => [line, quantity]));
  expect(plan.products.map(({ sku }) => sku)).toEqual([...new Set(priced.map(({ sku }) => sku))]);
  const customers = new Set(priced.map(({ customer }) => (customer ? `customer-${customer.slice(0, -2)}` : 'guest')));
  expect(plan.users.map(({ userId }) => userId)).toEqual([...customers]);
  expect([plan.orders, plan.restocks, plan.products, plan.users].map(({ length }) => length)).toEqual([1_559, 728, 2_799, 949]);
});

test.skipIf(!present)('December 2010: units, revenue a day and the stock needed are the file’s', () => {
  const sales = readDecember().filter(({ pence, invoice }) => pence > 0 && !invoice.startsWith('C'));
  const { orders, products } = december;
  const lines = orders.flatMap((order) => order.lines.map((line) => ({ ...line, day: order.placedAt.slice(0, 10) })));
  expect(
    sumBy(
      lines,
      ({ day }) => day,
      ({ quantity }) => quantity,
    ),
  ).toEqual(
    sumBy(
      sales,
      ({ day }) => day,
      ({ quantity }) => quantity,
    ),
  );
  expect(
    sumBy(
      lines,
      ({ day }) => day,
      ({ quantity, unitPrice }) => quantity * Math.round(Number(unitPrice) * 100),
    ),
  ).toEqual(
    sumBy(
      sales,
      ({ day }) => day,
      ({ quantity, pence }) => quantity * pence,
    ),
  );
  const needed = sumBy(
    products.filter(({ needs }) => needs.length > 0),
    ({ sku }) => sku,
    stockNeeded,
  );
  expect(needed).toEqual(
    sumBy(
      sales,
      ({ sku }) => sku,
      ({ quantity }) => quantity,
    ),
  );
});

test.skipIf(!present)('December 2010: no two commands share an id', () => {
  const ids = commandsOf(december)
    .flat()
    .map(({ commandId }) => commandId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(1_559 + 728 + 2_799 + 949);
});
