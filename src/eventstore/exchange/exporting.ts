import { limits, type Position, VarveError } from '#base';
import type { Awaitable, ChainedEvent, Head, Pages, Receipt } from '../port.ts';
import { type End, endLine, endOf, eventLine, type Reached, receiptLine } from './lines.ts';
import type { ReceiptsInOrder } from './receipts.ts';

/** A log that is exported, as it was at the moment when that began. Nobody who writes meanwhile waits for it. */
export interface ExportSource {
  /** The first position that is exported. */
  readonly from: Position;
  /** The last event that there was. */
  readonly last: Position;
  /** The hash of the event before the first; null where there is none. */
  readonly previous: string | null;
  /** The receipts up to the last event: those of the first position on or, where that is 1, of 0 on. */
  readonly receipts: Pick<ReceiptsInOrder, 'next'>;
  /** The events from the first to the last. */
  events(): Pages<ChainedEvent>;
  close(): Awaitable<void>;
}

/** Some lines of an export, and how far it is. */
export interface ExportedPage {
  /** Each with its line break. */
  readonly lines: readonly string[];
  /** Events up to here, and how many there will be. */
  readonly done: number;
  readonly total: number;
  /** With the last page. */
  readonly end?: End;
}

/**
 * A log as lines, up to the last event that there was when the export of it began; closes it at the end. Throws `STORAGE_CORRUPT` where an event has not the
 * hash that the chain has for it.
 */
export async function* exportPages(source: ExportSource): AsyncGenerator<ExportedPage> {
  const { from, last, previous } = source;
  try {
    const exporter = new Exporter(source, { position: from - 1, hash: previous });
    const total = last - from + 1;
    const told = (lines: readonly string[]): ExportedPage => ({ lines, done: exporter.reached.events, total });
    if (from === 1) for (const lines of exporter.add(0)) yield told(lines);
    for await (const page of source.events()) {
      for (const event of page) for (const lines of exporter.add(event.position, event)) yield told(lines);
      yield told(exporter.taken());
    }
    const end = endOf(exporter.reached);
    yield { ...told([...exporter.taken(), `${endLine(end)}\n`]), end };
  } finally {
    await source.close();
  }
}

/** Throws `POSITION_AHEAD` where a log has nothing from a position on. */
export function assertWithin(from: Position, last: Position): void {
  if (from <= last + 1) return;
  throw new VarveError({
    code: 'POSITION_AHEAD',
    message: `The log ends at position ${last}: there is nothing from ${from} on.`,
    hint: 'Give a smaller position with --from.',
  });
}

/** Writes the lines, and counts them. */
class Exporter {
  readonly #receipts: ExportSource['receipts'];
  #reached: Reached;
  #lines: string[] = [];

  constructor({ receipts }: ExportSource, head: Head) {
    this.#receipts = receipts;
    this.#reached = { head, events: 0, receipts: 0, receiptsHash: null };
  }

  get reached(): Reached {
    return this.#reached;
  }

  /** An event's line, where there is one, and those of the receipts for its position; told in parts, for they may be many. */
  *add(position: Position, event?: ChainedEvent): Generator<readonly string[]> {
    if (event) this.#event(event);
    for (let receipt = this.#receipts.next(position); receipt; receipt = this.#receipts.next(position)) {
      this.#receipt(receipt);
      if (this.#lines.length >= limits.readEventsMax) yield this.taken();
    }
  }

  /** The lines that were written since the last time. */
  taken(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  #event(event: ChainedEvent): void {
    const { head, events } = this.#reached;
    this.#lines.push(`${lineOf(event, head)}\n`);
    this.#reached = { ...this.#reached, events: events + 1, head: { position: event.position, hash: event.hash } };
  }

  #receipt(receipt: Receipt): void {
    const { receipts, receiptsHash } = this.#reached;
    const { line, link } = receiptLine(receipt, receiptsHash);
    this.#lines.push(`${line}\n`);
    this.#reached = { ...this.#reached, receipts: receipts + 1, receiptsHash: link };
  }
}

function lineOf(event: ChainedEvent, { hash }: Head): string {
  let cause: unknown;
  try {
    const line = eventLine(event, hash);
    if (line !== undefined) return line;
  } catch (fault) {
    cause = fault;
  }
  throw new VarveError({
    code: 'STORAGE_CORRUPT',
    message: `The event at position ${event.position}, ${event.type}, is not what was stored: its hash is not that of what it says, after the event before it.`,
    hint: 'Keep a copy of the log, and restore a backup. What was to be read of it ends there.',
    cause,
  });
}
