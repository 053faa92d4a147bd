import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type AnyCatalogue, Decimal, eventCodec, events } from '#event';
import { exampleComplaints } from './eventexamples.ts';
import { eventShapes } from './eventshapes.ts';
import { type EventHistory, extendHistory, incompatibilities } from './history.ts';
import { first, second, third, thirdWith, upcasters } from './parcel.fixture.ts';

const shapesOf = (...catalogues: readonly AnyCatalogue[]) => eventShapes(eventCodec(catalogues));
/** What was committed when each of the three releases was made. */
const history = [first, second, third].reduce<EventHistory>((before, one) => extendHistory(before, shapesOf(one)), {});
const complaintsOf = (catalogue: AnyCatalogue, committed = history) => incompatibilities(committed, shapesOf(catalogue));
const optional = z.string().optional();

describe('a history of events', () => {
  test('has every shape that was ever committed, oldest first, and each once', () => {
    const versions = Object.entries(history).map(([type, shapes]) => [type, shapes.map(({ schemaVersion }) => schemaVersion)]);
    expect(versions).toEqual([
      ['ParcelLost', [1, 1]],
      ['ParcelSent', [1, 2, 3]],
    ]);
    expect(extendHistory(history, shapesOf(third))).toEqual(history);
    const described = events('parcel', { ...first.shapes, ParcelLost: first.shapes.ParcelLost.describe('It is gone.') });
    const committed = extendHistory({}, shapesOf(first));
    expect(extendHistory(committed, shapesOf(described))).toEqual(committed);
  });

  test('takes no shape that cannot read what was stored, and forgets none', () => {
    const narrower = events('parcel', { ...first.shapes, ParcelLost: z.object({ note: z.string() }) });
    const committed = extendHistory({}, shapesOf(first));
    expect(extendHistory(committed, shapesOf(narrower))).toEqual(committed);
    expect(extendHistory(committed, {})).toEqual(committed);
  });

  test('is read by each release after it', () => {
    expect([first, second, third].map((one) => complaintsOf(one, extendHistory({}, shapesOf(first))))).toEqual([[], [], []]);
    expect(complaintsOf(third)).toEqual([]);
  });
});

describe('what could not be read any more', () => {
  const { ParcelLost } = third.shapes;

  test('says which catalogue, event and version, and sketches the upcaster', () => {
    const changed = events('parcel', { ...first.shapes, ParcelLost: z.object({ reason: z.string(), foundBy: Decimal.optional() }) });
    const [complaint, ...others] = complaintsOf(changed, extendHistory({}, shapesOf(events('parcel', { ...first.shapes, ParcelLost }))));
    expect(others).toEqual([]);
    expect(complaint).toBe(
      [
        'The event ParcelLost (catalogue parcel, version 1) is no longer what logs have of it:',
        '  foundBy: was read as string, is read as Decimal',
        '  note: is gone',
        '  reason: is required, and was not there',
        "Give it version 2: the options of events('parcel', …) say how version 1 becomes it, for instance",
        '  upcasters: { ParcelLost: [({ note: _note, ...data }) => ({ ...data, foundBy: …, reason: … })] }',
        'Then run `npm run schema`, and give schema/events.examples.json an example of version 2. Or make the change one that reads what is',
        'stored: a new field is `.optional()`, or has a `.default()`. Only where no log can have this shape, for it was never released, take its entry out of',
        'schema/events.history.json.',
      ].join('\n'),
    );
  });

  test('is told of the newest version where there are upcasters already', () => {
    const changed = events(
      'parcel',
      { ...third.shapes, ParcelSent: third.shapes.ParcelSent.omit({ isExpress: true }) },
      { upcasters: { ParcelSent: upcasters } },
    );
    expect(complaintsOf(changed)).toEqual([
      expect.stringMatching(
        /version 3\).*isExpress: is gone.*Give it version 4.*\[\/\* the 2 that there are \*\/, \(\{ isExpress: _isExpress, \.\.\.data \}\)/s,
      ),
    ]);
  });

  test.each<[string, AnyCatalogue, RegExp]>([
    [
      'an event is removed',
      events('parcel', { ParcelLost }),
      /^The event ParcelSent .*version 3\) is in no catalogue.*events\('parcel', …\)/,
    ],
    [
      'a catalogue is renamed',
      events('packet', third.shapes, { upcasters: { ParcelSent: upcasters } }),
      /stands in the catalogue packet now.*parcel-…/,
    ],
    ['an upcaster is removed', thirdWith(upcasters[0]), /^The event ParcelSent .*version 3\) has version 2 now.*Put its upcasters back/],
    [
      'a field that came without a version goes',
      events('parcel', { ...third.shapes, ParcelLost: z.object({ note: optional }) }, { upcasters: { ParcelSent: upcasters } }),
      /foundBy: is gone/,
    ],
    [
      'a field comes back as another',
      events(
        'parcel',
        { ...third.shapes, ParcelLost: z.object({ note: optional, foundBy: z.int().optional() }) },
        { upcasters: { ParcelSent: upcasters } },
      ),
      /foundBy: was string, is integer/,
    ],
  ])('where %s', (_, catalogue, expected) => {
    const complaints = complaintsOf(catalogue);
    expect(complaints.filter((one) => expected.test(one))).not.toEqual([]);
  });
});

describe('examples', () => {
  const sentAt = '2010-12-01T08:26:00.000Z';
  const read = { isExpress: false, kilograms: 15_000, sentAt: { Date: sentAt }, to: 'Ada' };
  const examples = {
    ParcelLost: {
      1: [
        { stored: {}, read: {} },
        { stored: { foundBy: 'bob' }, read: { foundBy: 'bob' } },
      ],
    },
    ParcelSent: {
      1: [{ stored: { address: 'Ada', weight: 1.5, sentAt }, read }],
      2: [{ stored: { to: 'Ada', weight: 1.5, sentAt }, read }],
      3: [{ stored: { to: 'Ada', kilograms: '1.50', isExpress: false, sentAt }, read }],
    },
  };
  const complaints = (catalogue: AnyCatalogue, given: Parameters<typeof exampleComplaints>[2] = examples) =>
    exampleComplaints(eventCodec([catalogue]), history, given);

  test('of every version are read as the present one', () => expect(complaints(third)).toEqual([]));

  test.each<[string, AnyCatalogue, readonly RegExp[]]>([
    [
      'a wrong upcaster is',
      thirdWith(upcasters[0], ({ weight: _, ...data }) => ({ ...data, kilograms: '0', isExpress: false })),
      [/ParcelSent version 1 .*read as\n.*"kilograms":0,/, /ParcelSent version 2 /],
    ],
    ['upcasters in the wrong order are', thirdWith(upcasters[1], upcasters[0]), [/ParcelSent version 2 .* cannot be read: .*kilograms/]],
    [
      'one that throws is',
      thirdWith(upcasters[0], () => Object.assign({}, undefined, null, JSON.parse('nothing'))),
      [/version 1 .* cannot be read: .*upcaster failed/, /version 2 /],
    ],
  ])('%s found', (_, catalogue, expected) => {
    const found = complaints(catalogue);
    expect(found).toHaveLength(expected.length);
    for (const [at, pattern] of expected.entries()) expect(found[at]).toMatch(pattern);
  });

  test('show a field that came to be read as something else, though its schema is the same', () => {
    const pounds = z.codec(z.string(), z.number(), { decode: Number, encode: String }).meta({ graphql: 'Decimal' });
    const other = events(
      'parcel',
      { ...third.shapes, ParcelSent: third.shapes.ParcelSent.extend({ kilograms: pounds }) },
      { upcasters: { ParcelSent: upcasters } },
    );
    expect(complaintsOf(other)).toEqual([]);
    expect(complaints(other)).toHaveLength(3);
  });

  test('that are missing are asked for, with what to write', () => {
    const { 2: _, ...others } = examples.ParcelSent;
    expect(complaints(third, { ...examples, ParcelSent: others })).toEqual([
      [
        'There is no example of ParcelSent version 2. Add one to schema/events.examples.json: its data as a log has it, and as the present code reads it, for instance',
        `  "ParcelSent": { "2": [{ "stored": {"sentAt":"${sentAt}","to":"x","weight":1}, "read": {"isExpress":false,"kilograms":10000,"sentAt":{"Date":"${sentAt}"},"to":"x"} }] }`,
      ].join('\n'),
    ]);
    expect(complaints(third, {})).toHaveLength(4);
  });

  test('are such as a log has, of versions that there were', () => {
    const [lost] = [{ stored: { found: 'bob' }, read: {} }];
    expect(complaints(third, { ...examples, ParcelLost: { 1: [lost], 2: [lost] } })).toEqual([
      expect.stringMatching(/ParcelLost 2, which was never committed/),
      expect.stringMatching(/ParcelLost version 1 .* not as a log has it. Write as its "stored"\n {2}\{\}$/),
    ]);
  });
});
