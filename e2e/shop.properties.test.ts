import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '#base';
import { type MemoryEngine, type MemoryOptions, openMemoryEngine } from '#command';
import { openMemoryStore } from '#eventstore';
import { rebuild } from '#projector';
import { memoryRows } from '#readtable';
import {
  addProduct,
  cancelOrder,
  changePrice,
  changeUsername,
  dailySales,
  orders,
  payOrder,
  placeOrder,
  products,
  registerUser,
  restockProduct,
  shipOrder,
  shop,
  users,
} from '#shop';

/** Few names and ids, so that commands meet: the same user, product and order again and again. */
const userId = fc.constantFrom('u1', 'u2', 'u3');
const username = fc.constantFrom('Ada', 'ADA', 'Grace', 'straße', 'STRASSE');
const sku = fc.constantFrom('lantern', 'heart', 'bunting');
const orderId = fc.constantFrom('1', '2', '3', '4', '5', '6');
const quantity = fc.integer({ min: -1, max: 5 });
const price = fc.constantFrom('0', '2.55', '0.0001', '1000000', '-1', '1.23456', 'much');
const line = fc.record({ sku, quantity, unitPrice: fc.option(price, { nil: undefined }) });
const placedAt = fc.option(fc.constantFrom('2010-12-01T08:26:00Z', '2010-12-01T23:59:59.999Z', '2010-12-02T00:00:00Z', 'never'), {
  nil: undefined,
});

const wish = fc.oneof(
  fc.tuple(fc.constant(registerUser), fc.record({ userId, username })),
  fc.tuple(fc.constant(changeUsername), fc.record({ userId, username })),
  fc.tuple(
    fc.constant(addProduct),
    fc.record({ sku, name: fc.constantFrom('Lantern', ' '), price, stock: fc.integer({ min: -1, max: 10 }) }),
  ),
  fc.tuple(fc.constant(restockProduct), fc.record({ sku, quantity })),
  fc.tuple(fc.constant(changePrice), fc.record({ sku, price })),
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constant(placeOrder), fc.record({ orderId, userId, lines: fc.array(line, { maxLength: 4 }), placedAt })),
  },
  fc.tuple(fc.constant(payOrder), fc.record({ orderId, paymentReference: fc.constant('card') })),
  fc.tuple(fc.constant(shipOrder), fc.record({ orderId })),
  fc.tuple(fc.constant(cancelOrder), fc.record({ orderId, reason: fc.constant('mind changed') })),
);
/** Commands with ids that repeat now and then, sent a few at a time. */
const waves = fc.array(
  fc.array(fc.tuple(wish, fc.option(fc.constantFrom('c1', 'c2', 'c3'), { nil: undefined })), { minLength: 1, maxLength: 8 }),
  { minLength: 1, maxLength: 12, size: 'max' },
);

const tables = [users, products, orders, dailySales];

/** From hardly a row in memory to all of them. */
const rowsBytesMaxima = [0, 500, 5_000, 1_000_000];

async function rebuilt({ log, codec }: MemoryEngine, rowsBytesMax: number) {
  const copy = openMemoryStore();
  const rows = memoryRows();
  const events = await log.read('all', { limit: 10_000 });
  await copy.append(events.map((event) => ({ ...event, tags: [] })));
  await rebuild({ log: copy, codec, projections: shop.projections, rows, rowsBytesMax, swap: () => {} });
  return tables.map((table) => rows.all(table));
}

type Waves = typeof waves extends fc.Arbitrary<infer Value> ? Value : never;

/** Sends the commands, and holds what must be true after each wave of them, and at the end. */
async function sendAll(sent: Waves, options: MemoryOptions = {}): Promise<void> {
  const engine = openMemoryEngine(shop, options);
  for (const wave of sent) {
    const outcomes = await Promise.all(
      wave.map(([[command, input], commandId]) => engine.send(command, input, commandId === undefined ? {} : { commandId })),
    );
    for (const outcome of outcomes) expect(typeof outcome.accepted).toBe('boolean');
    for (const { stock } of engine.rows.all(products) as { stock: number }[]) expect(stock).toBeGreaterThanOrEqual(0);
    const names = (engine.rows.all(users) as { username: string }[]).map(({ username: name }) => name.toUpperCase());
    expect(new Set(names).size).toBe(names.length);
  }
  const live = tables.map((table) => engine.rows.all(table));
  for (const bytes of rowsBytesMaxima) expect(JSON.stringify(await rebuilt(engine, bytes))).toBe(JSON.stringify(live));
}

test('any interleaving of commands leaves read tables equal to a rebuild, no stock below 0 and usernames unique', async () => {
  await fc.assert(
    fc.asyncProperty(waves, async (sent) => sendAll(sent)),
    { seed: 20101201, numRuns: 200 },
  );
}, 60_000);

/** From caches that hold hardly one entry to caches that hold a few. */
const caches = fc.record({
  statesCachedMax: fc.integer({ min: 1, max: 20 }),
  statesCachedBytesMax: fc.integer({ min: 200, max: 4_000 }),
  rowsCachedMax: fc.integer({ min: 1, max: 5 }),
  rowsCachedBytesMax: fc.integer({ min: 50, max: 1_000 }),
});

test('the same where the writer remembers next to nothing', async () => {
  await fc.assert(
    fc.asyncProperty(waves, caches, async (sent, bounds) => sendAll(sent, { caches: bounds })),
    { seed: 20101203, numRuns: 200 },
  );
}, 60_000);

/** Names of many lengths, so that one that is claimed pushes others out of a cache that is nearly full. */
const renames = fc.array(fc.record({ userId, username: fc.constantFrom('A', 'Bob', 'C'.repeat(20), 'D'.repeat(60)) }), {
  minLength: 40,
  maxLength: 120,
});

test('usernames are unique where the writer remembers only some of them', async () => {
  const bytes = fc.integer({ min: 800, max: 1_600 });
  await fc.assert(
    fc.asyncProperty(renames, bytes, async (inputs, statesCachedBytesMax) => {
      const engine = openMemoryEngine(shop, { caches: { ...limits, statesCachedBytesMax } });
      for (const id of ['u1', 'u2', 'u3']) await engine.send(registerUser, { userId: id, username: id });
      for (const input of inputs) {
        await engine.send(changeUsername, input);
        const names = engine.rows.all(users).map((row) => row['username']);
        expect(new Set(names).size).toBe(names.length);
      }
    }),
    { seed: 20101204, numRuns: 100 },
  );
}, 60_000);

test('positions and versions are contiguous and a refused command leaves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(waves, async (sent) => {
      const engine = openMemoryEngine(shop);
      for (const [[command, input]] of sent.flat()) {
        const before = await engine.log.position();
        const outcome = await engine.send(command, input);
        if (!outcome.accepted) expect(await engine.log.position()).toBe(before);
      }
      const events = await engine.log.read('all', { limit: 10_000 });
      expect(events.map(({ position }) => position)).toEqual(events.map((_, i) => i + 1));
      const versions = Map.groupBy(events, ({ stream }) => stream);
      for (const of of versions.values()) expect(of.map(({ version }) => version)).toEqual(of.map((_, i) => i + 1));
    }),
    { seed: 20101202, numRuns: 50 },
  );
}, 60_000);
