import type { ChainedEvent, Receipt } from '#eventstore';
import { check } from './checker.ts';
import type { CheckedDomain, Finding } from './finding.ts';
import type { History } from './history.ts';
import type { Rows, Stored } from './stored.ts';

/** Where a run has stored what it did, when no server has it open any more: a data folder, or a log in a database. */
export interface Place {
  /** The whole log, read by the plainest means. */
  events(): Promise<readonly ChainedEvent[]>;
  receipts(): Promise<readonly Receipt[]>;
  rows(): Promise<Rows>;
  /** The rows that the log gives, folded from nothing by this kind of store. Throws where it cannot be folded. */
  rebuilt(events: readonly ChainedEvent[]): Promise<Rows>;
  /** What the program itself finds wrong when it looks, where it has means to look. */
  verified(): Promise<readonly Finding[]>;
}

/** What was found in a place, and what is wrong with it. */
export interface Checked {
  readonly stored: Stored;
  readonly findings: readonly Finding[];
}

/** Holds what is stored in a place against a history, and against the program's own look at it. */
export async function checkPlace(place: Place, history: History, domain: CheckedDomain): Promise<Checked> {
  const unsound = await place.verified();
  const [events, receipts, rows] = [await place.events(), await place.receipts(), await place.rows()];
  const stored = { events, receipts, rows, rebuilt: await place.rebuilt(events).catch(() => undefined) };
  return { stored, findings: [...unsound, ...check({ stored, history }, domain)] };
}
