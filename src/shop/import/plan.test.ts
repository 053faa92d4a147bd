import { expect, test } from 'vitest';
import { planImport, stockNeeded } from './plan.ts';

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const plan = (...rows: readonly string[]) => planImport([header, ...rows].join('\n'));

const good = {
  invoice: '536365',
  sku: '85123A',
  name: 'HEART',
  quantity: '6',
  date: '2010-12-01 08:26:00',
  price: '2.55',
  customer: '17850.0',
  country: 'UK',
};
const row = (over: Partial<typeof good> = {}) => Object.values({ ...good, ...over }).join(',');

test('an invoice becomes an order with the file’s lines, prices and date, taken as UTC', () => {
  const { orders, products, users, restocks, rejectedRows, rowsRead } = plan(
    row(),
    row({ quantity: '2', price: '2.1' }),
    row({ sku: '71053', price: '3.3900' }),
  );
  expect(orders).toEqual([
    {
      line: 2,
      orderId: '536365',
      userId: 'customer-17850',
      placedAt: '2010-12-01T08:26:00.000Z',
      lines: [
        { sku: '85123A', quantity: 6, unitPrice: '2.55' },
        { sku: '85123A', quantity: 2, unitPrice: '2.1' },
        { sku: '71053', quantity: 6, unitPrice: '3.3900' },
      ],
    },
  ]);
  expect(products.map((product) => [product.sku, product.description, product.price, stockNeeded(product)])).toEqual([
    ['85123A', 'HEART', '2.55', 8],
    ['71053', 'HEART', '3.3900', 6],
  ]);
  expect(users).toEqual([{ userId: 'customer-17850', country: 'UK' }]);
  expect([restocks, rejectedRows, rowsRead]).toEqual([[], [], 3]);
});

test('an invoice with two dates has its first', () => {
  expect(plan(row(), row({ date: '2010-12-01 08:27:00' })).orders.map(({ placedAt }) => placedAt)).toEqual(['2010-12-01T08:26:00.000Z']);
});

test('rows of one invoice need not stand together', () => {
  const { orders } = plan(row(), row({ invoice: '2' }), row({ quantity: '1' }));
  expect(orders.map(({ orderId, lines }) => [orderId, lines.length])).toEqual([
    ['536365', 2],
    ['2', 1],
  ]);
});

test('the case of a stock code counts', () => {
  expect(plan(row(), row({ sku: '85123a' })).products.map(({ sku }) => sku)).toEqual(['85123A', '85123a']);
});

test('a product’s description is its first non-blank one, its price its first valid one', () => {
  const { products } = plan(
    row({ name: 'lost', price: '0.0' }),
    row({ name: '  ', price: '1.5' }),
    row({ name: ' LANTERN ', price: '9' }),
    row({ name: 'OTHER' }),
  );
  expect(products).toMatchObject([{ description: 'LANTERN', price: '1.5' }]);
});

test('a blank customer is the guest, who has no country', () => {
  const { users, orders } = plan(
    row({ customer: '' }),
    row({ invoice: '2', customer: '12370' }),
    row({ invoice: '3', customer: '12370.0', country: 'Cyprus' }),
  );
  expect(users).toEqual([
    { userId: 'guest', country: '' },
    { userId: 'customer-12370', country: 'UK' },
  ]);
  expect(orders.map(({ userId }) => userId)).toEqual(['guest', 'customer-12370', 'customer-12370']);
});

// Added up anew for every row it took 20 s.
test('a hundred thousand rows of one product take as long as of many', () => {
  const { products } = plan(...Array.from({ length: 100_000 }, (_, i) => row({ invoice: String(i) })));
  expect(products.map(stockNeeded)).toEqual([600_000]);
}, 12_000);

test('a return restocks row by row, and does not lower what orders need', () => {
  const back = { invoice: 'C536379', quantity: '-1' };
  const { products, orders, restocks } = plan(row(back), row(), row({ ...back, quantity: '-2' }), row({ ...back, sku: 'D' }));
  expect(restocks).toEqual([
    { line: 2, invoice: 'C536379', sku: '85123A', quantity: 1, ordinal: 1 },
    { line: 4, invoice: 'C536379', sku: '85123A', quantity: 2, ordinal: 2 },
    { line: 5, invoice: 'C536379', sku: 'D', quantity: 1, ordinal: 1 },
  ]);
  expect(products.map((product) => [product.sku, stockNeeded(product)])).toEqual([
    ['85123A', 6],
    ['D', 0],
  ]);
  expect(orders).toHaveLength(1);
});

test.each([
  ['BROKEN_CSV', '536365,85123A'],
  ['BROKEN_CSV', row({ name: '"HEART' })],
  ['BAD_ENCODING', row({ name: 'CAF\uFFFD' })],
  ['NO_INVOICE', row({ invoice: ' ' })],
  ['NO_SKU', row({ sku: '' })],
  ['BAD_ID', row({ sku: 'x'.repeat(101) })],
  ['BAD_ID', row({ invoice: '1\t2' })],
  ['NO_PRICE', row({ price: '' })],
  ['NO_PRICE', row({ price: '0' })],
  ['NO_PRICE', row({ price: '0.0' })],
  ['BAD_PRICE', row({ price: '-2.55' })],
  ['BAD_PRICE', row({ price: 'free' })],
  ['BAD_PRICE', row({ price: '1e3' })],
  ['BAD_PRICE', row({ price: '.' + '5' })],
  ['BAD_PRICE', row({ price: '2.55001' })],
  ['BAD_PRICE', row({ price: '999999999999' })],
  ['ZERO_QUANTITY', row({ quantity: '0' })],
  ['BAD_QUANTITY', row({ quantity: '' })],
  ['BAD_QUANTITY', row({ quantity: '1.5' })],
  ['BAD_QUANTITY', row({ quantity: '2147483648' })],
  ['NEGATIVE_QUANTITY', row({ quantity: '-6' })],
  ['POSITIVE_QUANTITY_IN_RETURN', row({ invoice: 'C1' })],
  ['BAD_DATE', row({ date: '' })],
  ['BAD_DATE', row({ date: '12/1/2010 8:26' })],
  ['BAD_DATE', row({ date: '2010-02-30 08:26:00' })],
  ['BAD_DATE', row({ date: '2010-12-01 24:00:00' })],
  ['BAD_CUSTOMER', row({ customer: '17850.5' })],
  ['BAD_CUSTOMER', row({ customer: 'Ada' })],
])('%s: %j is left out, its neighbours are not', (reason, bad) => {
  const { rejectedRows, orders, restocks, rowsRead } = plan(row({ invoice: '1' }), bad, row({ invoice: '3' }));
  expect(rejectedRows).toEqual([{ line: 3, reason }]);
  expect([orders.map(({ orderId }) => orderId), restocks, rowsRead]).toEqual([['1', '3'], [], 3]);
});

test('a row with several faults counts under the first', () => {
  expect(plan(row({ price: '0.0', quantity: '-6', date: '' })).rejectedRows).toEqual([{ line: 2, reason: 'NO_PRICE' }]);
});

test('a row that is left out leaves no product and no user', () => {
  expect(plan(row({ price: '' }))).toMatchObject({ products: [], users: [], orders: [], restocks: [] });
});

test('an invoice belongs to one customer', () => {
  const { rejectedRows, orders, users } = plan(row(), row({ customer: '1.0' }), row());
  expect(rejectedRows).toEqual([{ line: 3, reason: 'OTHER_CUSTOMER' }]);
  expect([orders[0]?.lines.length, users.length]).toEqual([2, 1]);
});

test('what would take a stock past a GraphQL Int is left out', () => {
  const { rejectedRows, products } = plan(row({ quantity: '2147483647' }), row({ quantity: '1' }));
  expect(rejectedRows).toEqual([{ line: 3, reason: 'BAD_QUANTITY' }]);
  expect(products.map(stockNeeded)).toEqual([2_147_483_647]);
});

test('lines are numbered as an editor does, after a quoted line break too', () => {
  const { rejectedRows, products } = plan(row({ name: '"TWO\nLINES"' }), '', row({ price: '0' }));
  expect(rejectedRows).toEqual([{ line: 5, reason: 'NO_PRICE' }]);
  expect(products.map(({ description }) => description)).toEqual(['TWO LINES']);
});

test('columns may stand in another order, among others', () => {
  const { orders } = planImport(
    'Country,Note,CustomerID,UnitPrice,InvoiceDate,Quantity,Description,StockCode,InvoiceNo\nUK,x,17850.0,2.55,2010-12-01 08:26:00,6,HEART,85123A,536365\n',
  );
  expect(orders).toMatchObject([
    { orderId: '536365', userId: 'customer-17850', lines: [{ sku: '85123A', quantity: 6, unitPrice: '2.55' }] },
  ]);
});

test.each([
  ['', /lacks the columns InvoiceNo, StockCode, /],
  ['InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n', /lacks the column Country\./],
  ['InvoiceNo;StockCode;Description;Quantity;InvoiceDate;UnitPrice;CustomerID;Country\n', /lacks the columns/],
  [`"${header}\n${row()}`, /lacks the columns/],
  ['\0\u0001\uFFFD', /lacks the columns/],
])('a first line that is no header of the format is a clear fault: %j', (text, message) => {
  expect(() => planImport(text)).toThrow(
    expect.objectContaining({ name: 'VarveError', code: 'BAD_HEADER', message: expect.stringMatching(message) }),
  );
});
