import { expect, test } from 'vitest';
import { z } from 'zod';
import { eventCodec, events } from '#event';
import { linkOf } from './chain.ts';
import type { LogFinding } from './finding.ts';
import { type ChainedEvent, forgottenId } from './port.ts';
import { type InspectedEvent, LogWalk } from './walk.ts';

const codec = eventCodec([events('a', { Happened: z.object({ n: z.int() }) }, { tags: { Happened: ({ n }) => [`n:${n}`] } })]);

/** Commands, each with the streams of its events; the log that they leave, each with a receipt. */
function logOf(...commands: readonly (readonly [commandId: string, ...streams: readonly string[]])[]): readonly InspectedEvent[] {
  const log: InspectedEvent[] = [];
  const versions = new Map<string, number>();
  for (const [commandId, ...streams] of commands) {
    for (const [i, stream] of streams.entries()) {
      const position = log.length + 1;
      const version = (versions.get(stream) ?? 0) + 1;
      versions.set(stream, version);
      const what = { eventId: `e${position}`, type: 'Happened', schemaVersion: 1, data: `{"n":${position}}`, tags: [`n:${position}`] };
      const metadata = { commandId, correlationId: commandId, causationId: null, actor: null };
      const event = { ...what, position, stream, version, metadata, recordedAt: new Date(position) };
      const hash = linkOf(event, log.at(-1)?.event.hash ?? null);
      log.push({ event: { ...event, hash }, receipts: i === streams.length - 1 ? [commandId] : [], damage: undefined });
    }
  }
  return log;
}

/** What a walk over a log finds: codes and positions. */
async function walked(log: readonly InspectedEvent[]): Promise<readonly string[]> {
  const found: LogFinding[] = [];
  const receiptOf = (commandId: string) => log.find(({ receipts }) => receipts.includes(commandId))?.event.position;
  const walk = new LogWalk({ codec, receiptOf, report: (finding) => found.push(finding) });
  for (const event of log) await walk.next(event);
  await walk.end();
  return found.map(({ code, position }) => `${code} ${position}`);
}

const changed = (log: readonly InspectedEvent[], at: number, change: Partial<ChainedEvent>) =>
  log.map((one) => (one.event.position === at ? { ...one, event: { ...one.event, ...change } } : one));
const receipted = (log: readonly InspectedEvent[], at: number, ...receipts: readonly string[]) =>
  log.map((one) => (one.event.position === at ? { ...one, receipts } : one));

const three = logOf(['x', 'a-1'], ['y', 'a-1', 'a-1', 'a-1'], ['z', 'a-2']);

test.each<[string, readonly InspectedEvent[], readonly string[]]>([
  ['all is as it should be', three, []],
  ['a command has events in two streams', logOf(['x', 'a-1'], ['y', 'a-1', 'a-2', 'a-1']), ['COMMAND_SPLIT 3']],
  ["a command's events are apart", receipted(logOf(['x', 'a-1'], ['y', 'a-1'], ['x', 'a-1']), 1), ['RECEIPT_WRONG 1']],
  ['a receipt names not the last event of its command', receipted(receipted(three, 4), 3, 'y'), ['RECEIPT_WRONG 4']],
  ['a receipt in the middle of the log is lost', receipted(three, 4), ['RECEIPT_MISSING 4']],
  ['the last receipt is lost', receipted(three, 5), ['RECEIPT_MISSING 5']],
  ['old receipts were forgotten, as the log says', receipted(receipted(three, 1), 4, forgottenId), []],
  ['a receipt is lost that was not to be forgotten', receipted(receipted(three, 4), 1, forgottenId), ['RECEIPT_MISSING 4']],
  ['an event is gone, and nobody knows of which command', three.filter(({ event }) => event.position !== 4), ['POSITION_GAP 5']],
  ['its data does not fit', changed(three, 3, { data: '{"n":"x"}' }), ['CHAIN_BROKEN 3', 'EVENT_UNREADABLE 3']],
  ['its tags are others', changed(three, 3, { tags: ['n:3', 'n:4'] }), ['CHAIN_BROKEN 3', 'TAGS_DIFFER 3']],
])('a walk where %s', async (_, log, expected) => expect(await walked(log)).toEqual(expected));

test('what cannot be read as an event is named, and the receipts around it are not blamed', async () => {
  const damaged = changed(three, 4, {}).map((one) => (one.event.position === 4 ? { ...one, damage: 'its moment is none' } : one));
  expect(await walked(damaged)).toEqual(['EVENT_DAMAGED 4']);
});

test('tags that were hashed, but are not those that the program gives, are no break of the chain', async () => {
  const [first] = logOf(['x', 'a-1']);
  if (!first) throw new Error('no event');
  const event = { ...first.event, tags: ['m:1'] };
  expect(await walked([{ ...first, event: { ...event, hash: linkOf(event, null) } }])).toEqual(['TAGS_DIFFER 1']);
});
