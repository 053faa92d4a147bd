import { expect, test } from 'vitest';
import { type Command, scenario } from '#varve';
import { examples } from './examples.ts';
import { shop } from './index.ts';
import { cancelOrder, payOrder, placeOrder, shipOrder } from './order/decider.ts';
import { addProduct, changePrice, restockProduct } from './product/decider.ts';
import { changeUsername, registerUser } from './user/decider.ts';

const { ada, lantern, order } = examples;
const line = { sku: '1', quantity: 1 };
const withLine = (change: object) => ({ ...order, lines: [line, { ...line, ...change }] });
const lines = (count: number, quantity = 1) => ({ ...order, lines: Array.from({ length: count }, () => ({ ...line, quantity })) });

/** A command, an input with one fault, where it is, and what is said of it. */
const faults: readonly (readonly [string, Command, object, string, string])[] = [
  ['an empty user id', registerUser, { ...ada, userId: '' }, 'userId', 'must not be empty'],
  [
    'a user id with a control character',
    registerUser,
    { ...ada, userId: 'a\u0000' },
    'userId',
    'must not contain control characters or halves of characters',
  ],
  ['an id of 201 characters', registerUser, { ...ada, userId: 'x'.repeat(201) }, 'userId', 'must have at most 200 characters'],
  ['a blank username', registerUser, { ...ada, username: ' \t ' }, 'username', 'must not be blank'],
  ['a username that shows nothing', registerUser, { ...ada, username: '\u200b\u3164' }, 'username', 'must not be blank'],
  [
    'half of a character',
    registerUser,
    { ...ada, username: 'a\ud800' },
    'username',
    'must not contain control characters or halves of characters',
  ],
  ['a username of 101 characters', registerUser, { ...ada, username: 'x'.repeat(101) }, 'username', 'must have at most 100 characters'],
  [
    'an e-mail address that is none',
    registerUser,
    { ...ada, email: 'ada' },
    'email',
    'must be an e-mail address such as "ada@example.com"',
  ],
  [
    'an e-mail address of 255 characters',
    registerUser,
    { ...ada, email: `ada@${'x'.repeat(251)}` },
    'email',
    'must have at most 254 characters',
  ],
  ['a country of 101 characters', registerUser, { ...ada, country: 'x'.repeat(101) }, 'country', 'must have at most 100 characters'],
  ['a blank country', registerUser, { ...ada, country: '' }, 'country', 'must not be blank'],
  ['a blank new username', changeUsername, { userId: 'ada', username: '' }, 'username', 'must not be blank'],
  ['an empty SKU', addProduct, { ...lantern, sku: '' }, 'sku', 'must not be empty'],
  ['a blank name', addProduct, { ...lantern, name: ' ' }, 'name', 'must not be blank'],
  ['a name of 201 characters', addProduct, { ...lantern, name: 'x'.repeat(201) }, 'name', 'must have at most 200 characters'],
  ['a price below 0', addProduct, { ...lantern, price: '-0.01' }, 'price', 'must not be below 0'],
  ['a price above the limit', addProduct, { ...lantern, price: '1000000.0001' }, 'price', 'must be at most 1000000.00'],
  [
    'a price of 5 fraction digits',
    addProduct,
    { ...lantern, price: '1.23456' },
    'price',
    'must be a decimal number such as "12.50", with at most 4 fraction digits',
  ],
  ['a stock below 0', addProduct, { ...lantern, stock: -1 }, 'stock', 'must be at least 0'],
  ['a quantity of 0', restockProduct, { sku: '1', quantity: 0 }, 'quantity', 'must be at least 1'],
  ['a quantity above an Int', restockProduct, { sku: '1', quantity: 2 ** 31 }, 'quantity', 'must be at most 2147483647'],
  ['a quantity that is not whole', restockProduct, { sku: '1', quantity: 1.5 }, 'quantity', 'must be a whole number'],
  ['a new price below 0', changePrice, { sku: '1', price: '-1' }, 'price', 'must not be below 0'],
  ['an empty order id', placeOrder, { ...order, orderId: '' }, 'orderId', 'must not be empty'],
  ['no line', placeOrder, lines(0), 'lines', 'must have at least one line'],
  ['2,001 lines', placeOrder, lines(2_001), 'lines', 'must have at most 2000 lines'],
  ['too many units in all', placeOrder, lines(2, 500_001), 'lines', 'must have at most 1000000 units in all'],
  ['a line without an SKU', placeOrder, withLine({ sku: '' }), 'lines.1.sku', 'must not be empty'],
  ['a line of no unit', placeOrder, withLine({ quantity: 0 }), 'lines.1.quantity', 'must be at least 1'],
  ['a line with a price below 0', placeOrder, withLine({ unitPrice: '-1' }), 'lines.1.unitPrice', 'must not be below 0'],
  [
    'a 30th of February',
    placeOrder,
    { ...order, placedAt: '2010-02-30T00:00:00Z' },
    'placedAt',
    'must be a date and time such as "2010-12-01T08:26:00Z"',
  ],
  [
    'a moment before 1970',
    placeOrder,
    { ...order, placedAt: '1969-12-31T23:59:59Z' },
    'placedAt',
    'must lie between the years 1970 and 9999',
  ],
  [
    'a moment whose UTC year is 10000',
    placeOrder,
    { ...order, placedAt: '9999-12-31T23:59:59-01:00' },
    'placedAt',
    'must lie between the years 1970 and 9999',
  ],
  ['a blank payment reference', payOrder, { orderId: '1', paymentReference: '' }, 'paymentReference', 'must not be blank'],
  [
    'a payment reference of 201 characters',
    payOrder,
    { orderId: '1', paymentReference: 'x'.repeat(201) },
    'paymentReference',
    'must have at most 200 characters',
  ],
  ['an empty order id to ship', shipOrder, { orderId: '' }, 'orderId', 'must not be empty'],
  ['a reason of 501 characters', cancelOrder, { orderId: '1', reason: 'x'.repeat(501) }, 'reason', 'must have at most 500 characters'],
  ['a blank reason', cancelOrder, { orderId: '1', reason: '\n' }, 'reason', 'must not be blank'],
];

test.each(faults)('%s is refused, and nothing is written', async (_, command, input, path, message) => {
  const { refusal, events } = await scenario(shop).when(command, input).outcome();
  expect(refusal?.code).toBe('INVALID_INPUT');
  expect(refusal?.data).toEqual({ issues: [{ path: path.split('.'), message }] });
  expect(events).toEqual([]);
});

test('each fault has its entry', async () => {
  const input = { orderId: '', userId: 'ada', lines: [{ sku: '', quantity: 0, unitPrice: 'x' }], placedAt: 'yesterday' };
  const { refusal } = await scenario(shop).when(placeOrder, input).outcome();
  expect(refusal?.data).toMatchObject({
    issues: [
      { path: ['orderId'] },
      { path: ['lines', '0', 'sku'] },
      { path: ['lines', '0', 'quantity'] },
      { path: ['lines', '0', 'unitPrice'] },
      { path: ['placedAt'] },
    ],
  });
});
