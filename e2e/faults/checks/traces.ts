import { type ChainedEvent, forgottenId, type Receipt } from '#eventstore';
import type { Run } from '../finding.ts';
import type { Answer, Sending } from '../history.ts';

/** All that there is of one command, wherever it stands. */
export interface Trace {
  readonly commandId: string;
  /** In the order in which they were sent. */
  readonly sendings: readonly Sending[];
  /** In the order of positions. */
  readonly events: readonly ChainedEvent[];
  readonly receipt: Receipt | undefined;
}

/** A sending that was accepted. */
export type Acknowledged = Sending & { readonly answer: Extract<Answer, { is: 'accepted' }> };

/** True where a sending was accepted. */
export const isAcknowledged = (sending: Sending): sending is Acknowledged => sending.answer.is === 'accepted';

/** Every command that was sent, or that left something. */
export function tracesOf({ stored: { events, receipts }, history: { sendings } }: Run): readonly Trace[] {
  const sent = Map.groupBy(
    sendings.toSorted((a, b) => a.sentAt - b.sentAt),
    ({ commandId }) => commandId,
  );
  const left = Map.groupBy(events, ({ metadata }) => metadata.commandId);
  // What is noted of receipts that were forgotten is no command's.
  const kept = new Map(receipts.filter(({ commandId }) => commandId !== forgottenId).map((receipt) => [receipt.commandId, receipt]));
  return [...new Set([...sent.keys(), ...left.keys(), ...kept.keys()])].map((commandId) => ({
    commandId,
    sendings: sent.get(commandId) ?? [],
    events: left.get(commandId) ?? [],
    receipt: kept.get(commandId),
  }));
}

/** The sending whose wish a command's events must be: one that was accepted, else one that may have been. */
export function effective({ sendings, events }: Trace): Sending | undefined {
  const possible = sendings.filter(({ answer }) => answer.is !== 'refused');
  return possible.find(isAcknowledged) ?? possible.find((sending) => isAsWished(sending, events)) ?? possible[0];
}

/** True where the events are those that the sending wished for. */
function isAsWished({ leaves }: Sending, events: readonly ChainedEvent[]): boolean {
  return events.length === leaves.length && leaves.every((wished, i) => saysOtherwise(wished, events[i]) === undefined);
}

/** The field in which an event is not what was wished for; undefined where it is. */
export function saysOtherwise({ type, data }: Sending['leaves'][number], event: ChainedEvent | undefined): string | undefined {
  if (event?.type !== type) return 'type';
  const said = JSON.parse(event.data) as Record<string, unknown>;
  return Object.keys(data).find((field) => JSON.stringify(said[field]) !== JSON.stringify(data[field]));
}
