import { type ChainedEvent, openMemoryStore, type Receipt } from '#eventstore';
import type { Told } from '../../../src/livestream/trail.fixture.ts';
import type { FindingCode, Run } from '../finding.ts';
import type { Answer, Read, Sending } from '../history.ts';

/** The same, to be written to. */
export type Mutable<T> = T extends Date
  ? T
  : T extends readonly (infer Entry)[]
    ? Mutable<Entry>[]
    : T extends object
      ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
      : T;

/** A run that somebody doctors. */
export type Draft = Mutable<Run>;

/** What is done to a run, and what is to be found of it. */
export interface Doctored {
  readonly finds: FindingCode;
  /** Changes the run; answers what the finding must name. */
  readonly doctor: (run: Draft) => unknown;
}

/** The first that is so; doctoring needs one. */
export function the<T>(list: readonly T[], is: (one: T) => boolean): T {
  const found = list.find(is);
  if (found === undefined) throw new Error('Nothing like that came about: the run is too short.');
  return found;
}

/** A sending that was accepted and left an event, not the last; sent once, unless more is asked for. */
export function accepted(run: Draft, more: (sending: Mutable<Sending>) => boolean = (one) => timesSent(run, one) === 1) {
  const sending = the(
    run.history.sendings,
    (one) =>
      one.answer.is === 'accepted' && !one.answer.replayed && eventsOf(run, one.commandId).length === 1 && !isLast(run, one) && more(one),
  );
  return { sending, answer: sending.answer as Mutable<Extract<Answer, { is: 'accepted' }>>, event: only(eventsOf(run, sending.commandId)) };
}

/** How often a command was sent. */
export const timesSent = ({ history }: Draft, { commandId }: Pick<Sending, 'commandId'>): number =>
  history.sendings.filter((one) => one.commandId === commandId).length;

/** A sending of a command that was only ever refused. */
export const refused = (run: Draft): Mutable<Sending> =>
  the(run.history.sendings, ({ commandId }) =>
    run.history.sendings.every((one) => one.commandId !== commandId || one.answer.is === 'refused'),
  );

/** The events of one command. */
export const eventsOf = ({ stored }: Draft, commandId: string): Mutable<ChainedEvent>[] =>
  stored.events.filter(({ metadata }) => metadata.commandId === commandId);

/** A command's receipt. */
export const receiptOf = ({ stored }: Draft, id: string): Mutable<Receipt> => the(stored.receipts, ({ commandId }) => commandId === id);

/** A read in the midst of the history, which showed rows that were there. */
export const aRead = ({ history, stored }: Draft): Mutable<Read> =>
  the(
    history.reads.toSorted((a, b) => a.answeredAt - b.answeredAt),
    ({ position, rows }) => position > stored.events.length / 2 && rows.length > 3 && rows[0]?.row != null,
  );

/** What the first listener was told. */
export const told = ({ history }: Draft): Mutable<Told>[] => only(only(history.heard).readings).told;

const isLast = ({ stored }: Draft, { commandId }: Pick<Sending, 'commandId'>) => stored.events.at(-1)?.metadata.commandId === commandId;

/** What comes first in a list that is not empty. */
export function only<T>([first]: readonly T[]): T {
  if (first === undefined) throw new Error('There is none.');
  return first;
}

/** Writes the events as a log of their own: positions, versions and hashes are then such as nobody tampered with. */
export async function rewritten(events: readonly ChainedEvent[]): Promise<Draft['stored']['events']> {
  const store = openMemoryStore();
  await store.append(events);
  const written: ChainedEvent[] = [];
  for await (const page of store.chain()) written.push(...page);
  return structuredClone(written) as Draft['stored']['events'];
}

/** Changes what an event says. */
export function restate(event: Mutable<ChainedEvent>, change: Readonly<Record<string, unknown>>): void {
  event.data = JSON.stringify({ ...JSON.parse(event.data), ...change });
}
