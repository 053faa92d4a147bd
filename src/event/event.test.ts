import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { limits, parseDecimal } from '#base';
import { Decimal, type Decodable, eventCodec, events, Id, Instant } from './index.ts';

const parcel = events(
  'parcel',
  {
    Packed: z.object({ sku: Id, weight: Decimal, at: Instant, note: z.string().optional() }),
    Sent: z.object({ to: z.string(), express: z.boolean() }),
  },
  {
    tags: { Packed: ({ sku }) => [`product:${sku}`, `product:${sku}`] },
    upcasters: { Sent: [({ address }) => ({ to: address }), (data) => ({ ...data, express: false })] },
  },
);
const codec = eventCodec([parcel, parcel]);
const metadata = { commandId: 'c', correlationId: 'c', causationId: null, actor: null };
const stored = (more: Partial<Decodable>): Decodable => ({
  eventId: 'e',
  position: 7,
  stream: 'parcel-a-b',
  version: 1,
  type: 'Sent',
  schemaVersion: 3,
  data: '{"to":"Ada","express":true}',
  metadata,
  recordedAt: new Date(0),
  ...more,
});

describe('an event', () => {
  test('is written as canonical JSON, with tags from its data, each once', () => {
    const fact = parcel.Packed({ sku: 'x', weight: parseDecimal('1.5'), at: new Date('2010-12-01T08:26:00Z') });
    expect(fact).toMatchObject({ category: 'parcel', type: 'Packed' });
    expect(codec.encode(fact)).toEqual({
      type: 'Packed',
      schemaVersion: 1,
      data: '{"at":"2010-12-01T08:26:00.000Z","sku":"x","weight":"1.50"}',
      tags: ['product:x'],
    });
  });

  test('comes back with proper values and its place', () => {
    const data = '{"sku":"x","weight":"1.50","at":"2010-12-01T08:26:00.000Z"}';
    expect(codec.decode(stored({ type: 'Packed', schemaVersion: 1, data }))).toEqual({
      category: 'parcel',
      type: 'Packed',
      data: { sku: 'x', weight: 15_000, at: new Date('2010-12-01T08:26:00Z') },
      eventId: 'e',
      position: 7,
      stream: 'parcel-a-b',
      id: 'a-b',
      version: 1,
      recordedAt: new Date(0),
      metadata,
    });
  });

  test.each([
    [1, '{"address":"Ada"}'],
    [2, '{"to":"Ada"}'],
    [3, '{"to":"Ada","express":false}'],
  ])('of version %i is read as the present one', (schemaVersion, data) => {
    expect(codec.decode(stored({ schemaVersion, data })).data).toEqual({ to: 'Ada', express: false });
    expect(codec.encode(parcel.Sent({ to: 'Ada', express: false })).schemaVersion).toBe(3);
  });

  test.each<[string, Partial<Decodable>, string]>([
    ['of an unknown type', { type: 'Lost' }, 'no event of that name'],
    ['of a newer version', { schemaVersion: 4 }, 'version 3 is the newest known'],
    ['of another shape', { data: '{"to":5}' }, 'its data does not fit'],
    ['of a version before the first', { schemaVersion: 0 }, 'versions begin with 1'],
    ['that its upcaster fails on', { schemaVersion: 1, data: 'null' }, 'an upcaster failed'],
    ['in a stream of another category', { stream: 'order-1' }, 'order-1'],
  ])('%s is refused, naming position, type and version', (_, more, why) => {
    expect(() => codec.decode(stored(more))).toThrow(
      expect.objectContaining({
        code: 'EVENT_UNKNOWN',
        message: expect.stringMatching(new RegExp(`position 7, \\w+ version \\d.*${why}`)),
      }),
    );
  });

  test('whose data is no JSON is damaged', () => {
    expect(() => codec.decode(stored({ data: '{"to":' }))).toThrow(
      expect.objectContaining({
        code: 'STORAGE_CORRUPT',
        message: 'The event at position 7, Sent version 3, is damaged: its data is no JSON.',
      }),
    );
  });

  test('that does not fit its own shape, or is too large, is a bug of its decider', () => {
    expect(() => codec.encode({ category: 'parcel', type: 'Sent', data: { to: 5, express: true } })).toThrow();
    const sent = (to: string) => () => codec.encode(parcel.Sent({ to, express: true }));
    expect(sent('x'.repeat(limits.eventDataBytesMax))).toThrow('are allowed');
    const around = '{"to":"","express":true}'.length;
    expect(sent('ü'.repeat((limits.eventDataBytesMax - around) / 2))).not.toThrow();
    expect(sent('ü'.repeat((limits.eventDataBytesMax - around) / 2 + 1))).toThrow('bytes');
    expect(() => codec.encode({ category: 'parcel', type: 'Nothing', data: {} })).toThrow('in no catalogue');
  });
});

describe('a catalogue', () => {
  test('has a name that streams can begin with', () => {
    expect(() => events('Order-Line', {})).toThrow('letters and digits');
  });

  test('shares no event name with another', () => {
    expect(() => eventCodec([parcel, events('letter', { Sent: z.object({}) })])).toThrow('Two events are named Sent');
  });
});

describe('a field', () => {
  test.each(['', 'x'.repeat(limits.idLengthMax + 1), 'a\u0000b', 'a\nb', '\ud800'])('Id refuses %j', (text) =>
    expect(Id.safeParse(text).success).toBe(false),
  );
  test.each(['', 'soon', '2010-12-01', '2010-13-01T00:00:00Z', '2010-12-01T08:26:00'])('Instant refuses %j', (text) => {
    expect(Instant.safeParse(text).success).toBe(false);
  });
  test('Instant reads any offset as a moment', () => {
    expect(Instant.parse('2010-12-01T09:26:00+01:00')).toEqual(new Date('2010-12-01T08:26:00Z'));
  });
  test.each(['', '1.23456', 12.5, null])('Decimal refuses %j', (value) => expect(Decimal.safeParse(value).success).toBe(false));
});
