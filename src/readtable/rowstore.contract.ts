import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Decimal } from '#base';
import { boolean, decimal, id, instant, int, list, oneOf, optional, text } from './column.ts';
import type { Awaitable, Equals, RowStore } from './port.ts';
import { type AnyRow, type Row, type Table, table } from './table.ts';

/** A table with a column of every kind, nullable ones too. */
export const things = table(
  'things',
  {
    thingId: id(),
    name: text(),
    note: optional(text()),
    size: int(),
    price: decimal(),
    discount: optional(decimal()),
    madeAt: instant(),
    soldAt: optional(instant()),
    open: boolean(),
    fragile: optional(boolean()),
    status: oneOf('ThingStatus', ['NEW', 'OLD']),
    parts: list('ThingPart', {
      sku: id(),
      price: decimal(),
      madeAt: optional(instant()),
      spare: boolean(),
      tags: list('ThingTag', { tag: text() }),
    }),
  },
  { key: 'thingId', indexes: [['status', 'madeAt'], ['name']] },
);

export type Thing = Row<typeof things>;

/** A row store on a table that is there, and a way to write to it in one transaction. */
export interface OpenRows<Connection> {
  readonly store: RowStore<Connection>;
  /** Runs the work; where it throws, undoes it and throws on. */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  close(): Awaitable<void>;
}

/** What a row store cannot do. */
export interface RowStoreLacks {
  /** Texts with U+0000: it refuses them. */
  readonly nul?: boolean;
}

const units = (count: number) => count as Decimal;

/** A row; what is given stands for the examples' values. */
export const thing = (thingId: string, more: Partial<Thing> = {}): Thing => ({
  thingId,
  name: 'Lantern',
  note: null,
  size: 1,
  price: units(125_000),
  discount: null,
  madeAt: new Date('2010-12-01T08:26:00.123Z'),
  soldAt: null,
  open: true,
  fragile: null,
  status: 'NEW',
  parts: [],
  ...more,
});

const record = <T extends object>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });
const wellFormed = fc.string({ unit: 'grapheme', maxLength: 12 });
const decimals = fc.maxSafeInteger().map((value) => units(value === 0 ? 0 : value));
const instants = fc.date({ noInvalidDate: true });
const part = record({
  sku: wellFormed.filter((sku) => sku !== ''),
  price: decimals,
  madeAt: fc.option(instants),
  spare: fc.boolean(),
  tags: fc.array(record({ tag: wellFormed }), { maxLength: 2 }),
});

/** Any row at any of a few keys. */
export const anyThing: fc.Arbitrary<Thing> = record({
  thingId: fc.constantFrom('a', 'B', 'b', 'ü', '\u{1F600}', '\uFFFD', '10', '9'),
  name: fc.constantFrom('', 'Lantern', 'lantern', 'Ä'),
  note: fc.option(wellFormed),
  size: fc.integer({ min: -(2 ** 31) + 1 }),
  price: decimals,
  discount: fc.option(decimals),
  madeAt: instants,
  soldAt: fc.option(instants),
  open: fc.boolean(),
  fragile: fc.option(fc.boolean()),
  status: fc.constantFrom('NEW' as const, 'OLD' as const),
  parts: fc.array(part, { maxLength: 3 }),
});

/** What every row store keeps to. An adapter's test file calls it with a way to open itself. */
export function rowStoreContract<Connection>(
  name: string,
  open: (table: Table) => Awaitable<OpenRows<Connection>>,
  lacks: RowStoreLacks = {},
): void {
  describe(`${name}, by the contract of row stores`, () => {
    let rows: OpenRows<Connection>;
    beforeEach(async () => {
      rows = await open(things);
    });
    afterEach(() => rows.close());

    const get = (key: string) => rows.transaction(async (connection) => rows.store.get(connection, things, key));
    const where = (equals: Equals) => rows.transaction(async (connection) => rows.store.where(connection, things, equals));
    const write = (...entries: readonly (readonly [string, AnyRow | undefined])[]) =>
      rows.transaction(async (connection) => rows.store.write(connection, things, new Map(entries)));
    const put = (...all: readonly Thing[]) => write(...all.map((row) => [row.thingId, row] as const));

    it('has no row before one is written', async () => {
      expect(await get('a')).toBeUndefined();
      expect(await where({})).toEqual([]);
    });

    it('gives a row back as it was written, every kind of column', async () => {
      const made = new Date(-1);
      const row = thing('ü-\u{1F600}', {
        name: `Zuckerstreuer \u{1F9C2} "x" 'y' \\ {"", NULL} ${lacks.nul ? '' : '\0'} %`,
        note: '',
        size: -(2 ** 31) + 1,
        price: units(-Number.MAX_SAFE_INTEGER),
        discount: units(-1),
        soldAt: made,
        open: false,
        fragile: true,
        parts: [
          { sku: '85123A', price: units(-5), madeAt: made, spare: true, tags: [{ tag: 'ß\0' }, { tag: '' }] },
          { sku: '2', price: units(Number.MAX_SAFE_INTEGER), madeAt: null, spare: false, tags: [] },
        ],
      });
      await put(row, thing('plain'));
      expect(await get(row.thingId)).toStrictEqual(row);
      expect(await get('plain')).toStrictEqual(thing('plain'));
    });

    it('replaces whole rows and removes them, in one write', async () => {
      await put(thing('a', { note: 'first' }), thing('b'));
      await write(['a', thing('a', { size: 2 })], ['b', undefined], ['never there', undefined]);
      expect(await where({})).toStrictEqual([thing('a', { size: 2 })]);
    });

    it('finds rows by values of every kind, null among them, in the order of their keys', async () => {
      const sold = new Date(0);
      await put(thing('c', { soldAt: sold }), thing('a', { soldAt: sold, fragile: false }), thing('b', { price: units(-1) }));
      const keys = async (equals: Equals) => (await where(equals)).map((row) => row['thingId']);
      expect(await keys({ soldAt: new Date(0) })).toEqual(['a', 'c']);
      expect(await keys({ soldAt: null })).toEqual(['b']);
      expect(await keys({ soldAt: new Date(0), fragile: null })).toEqual(['c']);
      expect(await keys({ price: units(-1), status: 'NEW' })).toEqual(['b']);
      expect(await keys({ fragile: false })).toEqual(['a']);
      expect(await keys({ status: 'OLD' })).toEqual([]);
      expect(await keys({})).toEqual(['a', 'b', 'c']);
    });

    it('orders keys by code unit', async () => {
      await put(thing('\uFFFD'), thing('\u{1F600}'), thing('b'), thing('B'));
      expect((await where({})).map((row) => row['thingId'])).toEqual(['B', 'b', '\u{1F600}', '\uFFFD']);
    });

    it('refuses to look by a column that is none, or by undefined', async () => {
      await expect(where({ nothing: 1 })).rejects.toThrow('no column nothing');
      await expect(where({ name: undefined })).rejects.toThrow('undefined');
    });

    it('writes nothing of a write with an unfit row', async () => {
      const { note: _, ...noNote } = thing('b');
      await expect(write(['a', thing('a')], ['b', noNote])).rejects.toThrow('no fit value for note');
      await expect(write(['a', { ...thing('a'), more: 1 }])).rejects.toThrow('which is no column');
      await expect(write(['a', thing('a', { name: '\ud800' })])).rejects.toThrow('no fit value for name');
      await expect(write(['a', thing('b')])).rejects.toThrow('its own is b');
      expect(await where({})).toEqual([]);
    });

    it('undoes all writes of a transaction that fails', async () => {
      await put(thing('a'), thing('b'));
      const failed = rows.transaction(async (connection) => {
        await rows.store.write(
          connection,
          things,
          new Map([
            ['a', thing('a', { size: 2 })],
            ['b', undefined],
            ['c', thing('c')],
          ]),
        );
        await rows.store.write(
          connection,
          things,
          new Map([
            ['a', undefined],
            ['b', thing('b', { size: 3 })],
          ]),
        );
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      expect(await where({})).toStrictEqual([thing('a'), thing('b')]);
    });

    it('stands as a map does, whatever is written', async () => {
      const writes = fc.array(fc.array(fc.tuple(anyThing, fc.boolean()), { maxLength: 5 }), { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(writes, anyThing, async (batches, { status, note, soldAt }) => {
          const fresh = await open(things);
          try {
            const model = await writeBoth(fresh, batches);
            const found = (equals: Equals) => fresh.transaction(async (connection) => fresh.store.where(connection, things, equals));
            const expected = (fits: (row: Thing) => boolean) =>
              [...model.values()].filter(fits).sort((a, b) => (a.thingId < b.thingId ? -1 : 1));
            expect(await found({})).toStrictEqual(expected(() => true));
            expect(await found({ status, note })).toStrictEqual(expected((row) => row.status === status && row.note === note));
            expect(await found({ soldAt })).toStrictEqual(expected((row) => row.soldAt?.getTime() === soldAt?.getTime()));
          } finally {
            await fresh.close();
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}

/** Writes the batches, each in a transaction; gives back the map that they come to. */
async function writeBoth<Connection>(
  rows: OpenRows<Connection>,
  batches: readonly (readonly (readonly [Thing, boolean])[])[],
): Promise<Map<string, Thing>> {
  const model = new Map<string, Thing>();
  for (const batch of batches) {
    const writes = new Map(batch.map(([row, kept]) => [row.thingId, kept ? row : undefined]));
    await rows.transaction(async (connection) => rows.store.write(connection, things, writes));
    for (const [key, row] of writes) row ? model.set(key, row) : model.delete(key);
  }
  return model;
}
