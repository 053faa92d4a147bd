import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '#base';
import { ChainWalk, linkOf } from './chain.ts';
import type { ChainedEvent } from './port.ts';

const text = fc.string({ unit: 'binary' });
const linkable = fc.record({
  data: fc.jsonValue().map((value) => canonicalJson(value) ?? 'null'),
  eventId: text,
  metadata: fc.record({ commandId: text, correlationId: text, causationId: fc.option(text), actor: fc.option(text) }),
  position: fc.nat(),
  recordedAt: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }),
  schemaVersion: fc.nat(),
  stream: text,
  tags: fc.array(text),
  type: text,
  version: fc.nat(),
});

test('a link can be worked out from what stands in an export by any SHA-256 and any RFC 8785', () => {
  fc.assert(
    fc.property(linkable, fc.option(fc.stringMatching(/^[0-9a-f]{64}$/)), (event, previous) => {
      const exported = { ...event, data: JSON.parse(event.data), recordedAt: event.recordedAt.toISOString(), tags: [...event.tags].sort() };
      expect(linkOf(event, previous)).toBe(hash('sha256', canonicalize({ ...exported, previous }) ?? ''));
    }),
  );
});

/** Six events in a chain. */
function chain(): ChainedEvent[] {
  const events: ChainedEvent[] = [];
  for (const position of [1, 2, 3, 4, 5, 6]) {
    const metadata = { commandId: `c${position}`, correlationId: 'talk', causationId: null, actor: null };
    const stream = { stream: `a-${position % 2}`, version: Math.ceil(position / 2) };
    const what = { eventId: `e${position}`, type: 'Happened', schemaVersion: 1, data: `{"n":${position}}`, tags: ['x:1'] };
    const event = { ...what, ...stream, position, metadata, recordedAt: new Date(position) };
    events.push({ ...event, hash: linkOf(event, events.at(-1)?.hash ?? null) });
  }
  return events;
}

/** Puts an event in the place of the fourth. */
const fourth = (change: Partial<ChainedEvent>) => (events: ChainedEvent[]) =>
  events.map((event) => (event.position === 4 ? { ...event, ...change } : event));
const relinked = (event: ChainedEvent | undefined, previous: string | null): ChainedEvent[] =>
  event ? [{ ...event, hash: linkOf(event, previous) }] : [];

test.each<[string, (events: ChainedEvent[]) => readonly (ChainedEvent | undefined)[], number[]]>([
  ['nothing was done', (events) => events, []],
  ['its data is changed', fourth({ data: '{"n":5}' }), [4]],
  ['its data is no JSON', fourth({ data: '{"n":' }), [4]],
  ['its type is changed', fourth({ type: 'Undone' }), [4]],
  ['its stream is changed', fourth({ stream: 'b-1' }), [4]],
  ['its version is changed', fourth({ version: 9 }), [4]],
  ['its version of the shape is changed', fourth({ schemaVersion: 2 }), [4]],
  ['its id is changed', fourth({ eventId: 'e9' }), [4]],
  ['who sent it is changed', fourth({ metadata: { commandId: 'c4', correlationId: 'talk', causationId: null, actor: 'eve' } }), [4]],
  ['when it was recorded is changed', fourth({ recordedAt: new Date(5) }), [4]],
  ['a tag is added', fourth({ tags: ['x:1', 'y:1'] }), [4]],
  ['a tag is taken away', fourth({ tags: [] }), [4]],
  ['its hash is changed', fourth({ hash: '0'.repeat(64) }), [4, 5]],
  ['its hash is gone', fourth({ hash: null }), [4, 5]],
  ['it is gone', (events) => events.filter(({ position }) => position !== 4), [5]],
  [
    'it is gone, and the others moved up',
    ([a, b, c, , e, f]) => [a, b, c, ...[e, f].flatMap((event) => (event ? [{ ...event, position: event.position - 1 }] : []))],
    [4, 5],
  ],
  ['it is there twice', ([a, b, c, d, ...more]) => [a, b, c, d, d, ...more], [4]],
  ['it changed places with the next', ([a, b, c, d, e, f]) => [a, b, c, e, d, f], [5, 4, 6]],
  ['it was changed and linked anew', ([a, b, c, d, e, f]) => [a, b, c, ...relinked(d && { ...d, data: '{}' }, c?.hash ?? null), e, f], [5]],
])('where %s, the walk names the place', (_, change, places) => {
  const walk = new ChainWalk();
  const breaks = change(chain()).flatMap((event) => (event ? (walk.next(event) ?? []) : []));
  expect(breaks.map(({ position }) => position)).toEqual(places);
});
