import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { EventExamples, EventHistory } from '#schema';
import { shop } from '#shop';
import { contractComplaints, writeContracts } from '#varve';
import { runVarve, temporaryFolder } from './server-process.ts';

const committed = fileURLToPath(new URL('../schema', import.meta.url));

/** A copy of the shop's contracts in which another past, or other examples, were committed. */
function doctored(change: (contracts: { readonly history: Record<string, unknown[]>; readonly examples: Record<string, object> }) => void) {
  const folder = temporaryFolder();
  for (const name of ['events.history.json', 'events.examples.json']) cpSync(join(committed, name), join(folder.path, name));
  const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder.path, name), 'utf8')) as T;
  const contracts = { history: read<never>('events.history.json'), examples: read<never>('events.examples.json') };
  change(contracts);
  for (const [name, value] of Object.entries(contracts)) writeFileSync(join(folder.path, `events.${name}.json`), JSON.stringify(value));
  return folder;
}

/** A past in which an event of the shop had other data. */
const wasStored = (type: string, data: object, more: object = {}) =>
  doctored(({ history }) => {
    const [shape] = history[type] as [EventHistory[string][number]];
    history[type] = [{ ...shape, ...more, data: { ...shape.data, ...data } }];
  });

const text = { type: 'string' };
const decimal = { type: 'string', graphql: 'Decimal' };

describe('the gate', () => {
  test.each<[string, () => ReturnType<typeof doctored>, RegExp]>([
    [
      'had a field more',
      () => wasStored('OrderPaid', { properties: { paymentReference: text, note: text } }),
      /catalogue order, version 1.*note: is gone.*\(\{ note: _note, \.\.\.data \}\)/s,
    ],
    [
      'had a field less',
      () => wasStored('OrderPaid', { properties: {}, required: [] }),
      /paymentReference: is required, and was not there.*paymentReference: …/s,
    ],
    ['could leave a field out', () => wasStored('OrderPaid', { required: [] }), /paymentReference: could be left out, is required/],
    [
      'had a field of another type',
      () => wasStored('OrderPaid', { properties: { paymentReference: { type: 'integer' } } }),
      /paymentReference: was integer, is string/,
    ],
    [
      'had a field that was read otherwise',
      () => wasStored('OrderPaid', { properties: { paymentReference: decimal } }),
      /was read as Decimal, is read as string/,
    ],
    [
      'had a longer id',
      () => wasStored('PriceChanged', { properties: { sku: text, previousPrice: decimal, price: decimal } }),
      /sku: its maxLength is now 200.*sku: must now fit/s,
    ],
    ['had another catalogue', () => wasStored('OrderPaid', {}, { category: 'payment' }), /stands in the catalogue order now/],
    ['had a newer version', () => wasStored('OrderPaid', {}, { schemaVersion: 2 }), /has version 1 now: what was stored as version 2/],
    [
      'is gone',
      () => doctored(({ history }) => (history['OrderRefunded'] = history['OrderPaid'] ?? [])),
      /OrderRefunded .* is in no catalogue any more/,
    ],
    [
      'is new',
      () => doctored(({ history }) => delete history['OrderPaid']),
      /does not have the present shape of OrderPaid\. Run `npm run schema`/,
    ],
    [
      'has no example',
      () => doctored(({ examples }) => delete examples['OrderPaid']),
      /no example of OrderPaid version 1.*"OrderPaid": \{ "1": \[\{ "stored": \{"paymentReference":"x"\}/s,
    ],
    [
      'is read otherwise than its example says',
      () =>
        doctored(({ examples }) =>
          Object.assign(examples, { OrderShipped: { 1: [{ stored: {}, read: { by: 'sea' } }] } } satisfies EventExamples),
        ),
      /OrderShipped version 1 .* is read as\n {2}\{\}/,
    ],
  ])('fails where an event %s, and says what to write', async (_, make, expected) => {
    using folder = make();
    const complaints = await contractComplaints(shop, folder.path);
    expect(complaints.filter((one) => expected.test(one))).toHaveLength(1);
  });

  test.each<[string, () => ReturnType<typeof doctored>]>([
    ['is as it was', () => doctored(() => undefined)],
    ['was described otherwise', () => wasStored('OrderPaid', { description: 'Money came in.' })],
    ['could not be null', () => wasStored('UserRegistered', { properties: { username: text, email: text, country: text } })],
    [
      'had a shorter id',
      () =>
        wasStored('ProductRestocked', {
          properties: {
            sku: { ...text, maxLength: 9, minLength: 1, pattern: '^[^\\p{Cc}\\p{Cs}]*$' },
            quantity: { type: 'integer', minimum: 0, maximum: 9 },
          },
        }),
    ],
  ])('passes where an event %s', async (_, make) => {
    using folder = make();
    // What is wider now is new to the history, and no fault.
    const complaints = await contractComplaints(shop, folder.path);
    expect(complaints.filter((one) => !one.includes('Run `npm run schema`'))).toEqual([]);
    expect((await writeContracts(shop, folder.path)).complaints).toEqual([]);
    expect(await contractComplaints(shop, folder.path)).toEqual([]);
  });
});

describe('npm run schema', () => {
  test('adds to the history what is new, and changes nothing that is there', async () => {
    using folder = temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    const { files } = await writeContracts(shop, folder.path);
    expect(files).toEqual(['schema.graphql', 'events.json', 'events.history.json'].map(at));
    const first = readFileSync(at('events.history.json'), 'utf8');
    await writeContracts(shop, folder.path);
    expect(readFileSync(at('events.history.json'), 'utf8')).toBe(first);
    expect(existsSync(at('events.examples.json'))).toBe(false);
  });

  test('ends with 1 where stored events could not be read, and with 2 where it cannot tell', async () => {
    using folder = wasStored('OrderPaid', { required: [] });
    const before = readFileSync(join(folder.path, 'events.history.json'), 'utf8');
    const { code, out, err } = await runVarve('schema', '--into', folder.path);
    expect([code, out.split('\n').length]).toEqual([1, 4]);
    expect(err).toContain(
      '\nThe event OrderPaid (catalogue order, version 1) is no longer what logs have of it:\n  paymentReference: could be left out',
    );
    expect(JSON.parse(readFileSync(join(folder.path, 'events.history.json'), 'utf8'))).toEqual(JSON.parse(before));
    writeFileSync(join(folder.path, 'events.history.json'), '<<<<<<< HEAD\n');
    const broken = await runVarve('schema', '--into', folder.path);
    expect([broken.code, /CANNOT_READ_FILE|^\s+at /m.exec(broken.err)?.[0]]).toEqual([2, 'CANNOT_READ_FILE']);
  });
});
