import { isDeepStrictEqual } from 'node:util';
import type { Position } from '#base';
import { follow, type Reading, type Told } from '../../../src/livestream/trail.fixture.ts';
import type { Finding, Model, Run } from '../finding.ts';
import { isAcknowledged } from './traces.ts';

/** Nothing that anyone was shown is gone: no position is beyond the log's end, and an event that was told of stands where it was said to. */
export function* checkVanished({ stored: { events }, history: { sendings, reads, heard } }: Run): Iterable<Finding> {
  const end = events.at(-1)?.position ?? 0;
  const vanished = (who: string, position: Position): Finding => ({
    code: 'SHOWN_VANISHED',
    message: `${who} was shown position ${position}; the log ends at ${end}.`,
  });
  for (const { commandId, answer } of sendings.filter(isAcknowledged))
    if (answer.position > end) yield vanished(`The sender of ${commandId}`, answer.position);
  for (const { session, position } of reads) if (position > end) yield vanished(session, position);
  const places = new Map(events.map(({ eventId, position }) => [eventId, position]));
  for (const { stream, readings } of heard)
    for (const { position, eventId } of readings.flatMap(({ told }) => toldOf(told))) {
      if (position > end) yield vanished(`A reader of ${stream}`, position);
      else if (eventId !== undefined && !places.has(eventId))
        yield { code: 'SHOWN_VANISHED', message: `A reader of ${stream} was told of the event ${eventId}, which is not in the log.` };
    }
}

const toldOf = (told: Reading['told']) =>
  told.flatMap((one: Told) => ('said' in one ? [{ position: one.said.position, eventId: eventOf(one.said.cause) }] : []));

/** A change whose cause was an event at another position has only a word for it. */
const eventOf = (cause: string | undefined) => (cause === 'another' ? undefined : cause);

/** All that a read showed was so at once, at the position that it names. */
export function* checkSnapshots({ history: { reads } }: Run, model: Model): Iterable<Finding> {
  for (const { session, position, rows } of reads)
    for (const { table, key, row } of rows) {
      const stood = model.row(table, key, position) ?? null;
      if (!isDeepStrictEqual(row, stood))
        yield {
          code: 'SNAPSHOT_TORN',
          message: `${session} was shown ${key} of ${table} at position ${position} as ${JSON.stringify(row)}; it was ${JSON.stringify(stood)}.`,
        };
    }
}

/** Every live stream told each change once, in order, or said that it began anew. */
export function* checkStreams({ history: { heard } }: Run, model: Model): Iterable<Finding> {
  for (const { stream, readings } of heard) {
    const script = model.script(stream);
    for (const reading of readings) {
      try {
        follow(script, reading);
      } catch (fault) {
        yield { code: 'STREAM_WRONG', message: `${stream}: ${(fault as Error).message}` };
      }
    }
  }
}
