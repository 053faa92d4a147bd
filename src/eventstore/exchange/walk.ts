import { hash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson, VarveError } from '#base';
import { linkedText } from '../chain.ts';
import type { ChainedEvent, Receipt } from '../port.ts';
import { type End, endLine, endOf, type Reached, receiptLine } from './lines.ts';

const link = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const text = z.string();
const EventLine = z.strictObject({
  data: z.unknown(),
  eventId: text,
  // In the order in which a command's are stored.
  metadata: z.strictObject({ commandId: text, correlationId: text, causationId: text.nullable(), actor: text.nullable() }),
  position: z.int().min(1),
  previous: link.nullable(),
  recordedAt: z.iso.datetime().transform((at) => new Date(at)),
  schemaVersion: z.int().min(1),
  stream: text,
  tags: z.array(text).refine((tags) => new Set(tags).size === tags.length),
  type: text,
  version: z.int().min(1),
  hash: link,
});
const ReceiptLine = z.strictObject({
  receipt: z.strictObject({ commandId: text, inputHash: text, outcome: text, position: count, previous: link.nullable(), hash: link }),
});
const EndLine = z.strictObject({
  end: z.strictObject({ events: count, hash: link.nullable(), position: count, receipts: count, receiptsHash: link.nullable() }),
});

/** Told apart first: so a fault names a field of what the line is meant to be. */
const lineOf = (value: unknown) => {
  if (typeof value !== 'object' || value === null) return EventLine;
  if ('receipt' in value) return ReceiptLine;
  return 'end' in value ? EndLine : EventLine;
};

type Line = z.infer<typeof EventLine> | z.infer<typeof ReceiptLine> | z.infer<typeof EndLine>;

/** What one line of an exported log holds. */
export type Entry =
  | { readonly line: number; readonly event: ChainedEvent }
  | { readonly line: number; readonly receipt: Receipt }
  | { readonly line: number; readonly end: End };

/** An exported log that cannot be taken in as it is. */
export const importBroken = (line: number, why: string, cause?: unknown): VarveError =>
  new VarveError({
    code: 'IMPORT_BROKEN',
    message: `Line ${line} is not what an export wrote there: ${why}.`,
    hint: 'Get the file as it was exported, and run the same import again: it goes on after what it has stored.',
    cause,
  });

/** Walks over the lines of an exported log, from its first; throws `IMPORT_BROKEN` at the first one that is not what comes next. */
export class LinesWalk {
  #line = 0;
  #reached: Reached = { head: { position: 0, hash: null }, events: 0, receipts: 0, receiptsHash: null };
  #ended = false;

  /** What was walked over. */
  get reached(): Reached {
    return this.#reached;
  }

  next(line: string): Entry {
    this.#line += 1;
    if (this.#ended) throw this.#broken('the file goes on after its last line');
    const value = this.#parsed(line);
    if ('end' in value) return this.#end(value);
    return 'receipt' in value ? this.#receipt(value) : this.#event(value);
  }

  /** After the last line. */
  finish(): void {
    this.#line += 1;
    if (!this.#ended) throw this.#broken('the file is cut off before it, for it must end with a line that says what was exported');
  }

  #parsed(line: string): Line {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw this.#broken('it is no JSON', cause);
    }
    const { success, data, error } = lineOf(value).safeParse(value);
    if (!success) {
      const field = error.issues[0]?.path.join('.');
      throw this.#broken(
        field ? `its field ${field} is not of the kind that an export writes` : 'it has other fields than an export writes',
        error,
      );
    }
    return data;
  }

  #event({ hash: found, previous, data, ...said }: z.infer<typeof EventLine>): Entry {
    const { head, events } = this.#reached;
    const place = `the event at position ${said.position}`;
    if (said.position <= head.position) throw this.#broken(`${place} was there before`);
    if (said.position !== head.position + 1) throw this.#broken(`${place} stands where that at position ${head.position + 1} comes next`);
    if (previous !== head.hash) throw this.#broken(`${place} does not follow the event before it`);
    const event = { ...said, data: canonicalJson(data) ?? 'null', hash: found };
    if (hash('sha256', linkedText(event, previous)) !== found)
      throw this.#broken(`${place} was changed: its hash is not that of what it says`);
    this.#reached = { ...this.#reached, events: events + 1, head: { position: event.position, hash: found } };
    return { line: this.#line, event };
  }

  #receipt({ receipt: { hash: found, previous, ...receipt } }: z.infer<typeof ReceiptLine>): Entry {
    const { head, receipts, receiptsHash } = this.#reached;
    const place = `the receipt of the command ${receipt.commandId}`;
    if (receipt.position !== head.position)
      throw this.#broken(`${place} for position ${receipt.position} stands after position ${head.position}`);
    if (previous !== receiptsHash) throw this.#broken(`${place} does not follow the receipt before it`);
    if (receiptLine(receipt, previous).link !== found) throw this.#broken(`${place} was changed: its hash is not that of what it says`);
    this.#reached = { ...this.#reached, receipts: receipts + 1, receiptsHash: found };
    return { line: this.#line, receipt };
  }

  #end({ end }: z.infer<typeof EndLine>): Entry {
    const reached = endLine(endOf(this.#reached));
    if (endLine(end) !== reached) throw this.#broken(`it says ${endLine(end)}, and before it there is ${reached}`);
    this.#ended = true;
    return { line: this.#line, end };
  }

  #broken(why: string, cause?: unknown): VarveError {
    return importBroken(this.#line, why, cause);
  }
}
