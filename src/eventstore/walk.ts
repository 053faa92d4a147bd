import { type Position, textOf } from '#base';
import type { EventCodec, Recorded } from '#event';
import { ChainWalk } from './chain.ts';
import type { LogFinding, LogFindingCode } from './finding.ts';
import { type Awaitable, type ChainedEvent, forgottenId, type Head } from './port.ts';

/** An event as it stands. */
export interface InspectedEvent {
  readonly event: ChainedEvent;
  /** The commands whose receipts name its position. */
  readonly receipts: readonly string[];
  /** What of it Varve never wrote, in words. */
  readonly damage: string | undefined;
}

/** What a walk stands on. */
export interface WalkParts {
  readonly codec: EventCodec;
  /** The position that a command's receipt names; undefined where it has none. Asked for where it is not the right one. */
  readonly receiptOf: (commandId: string) => Awaitable<Position | undefined>;
  readonly report: (finding: LogFinding) => void;
}

/** The events of one command, one after the other. */
interface Run {
  readonly commandId: string;
  readonly stream: string;
  last: Position;
  /** Whether its receipt names the last of them. */
  hasReceipt: boolean;
}

/**
 * Walks a log from its first event, and holds each event to all that must be true of it: its position, its link in the chain, its shape, its tags,
 * its command's receipt. It remembers the event before, and nothing more.
 */
export class LogWalk {
  readonly #parts: WalkParts;
  readonly #chain = new ChainWalk();
  #run: Run | undefined;

  constructor(parts: WalkParts) {
    this.#parts = parts;
  }

  /** The last event that was walked over. */
  get head(): Head {
    return this.#chain.head;
  }

  /** The next event; answers what it says, where it can be read. */
  async next({ event, receipts, damage }: InspectedEvent): Promise<Recorded | undefined> {
    const isNext = event.position === this.head.position + 1;
    const broken = this.#chain.next(event);
    if (broken) this.#report(isNext ? 'CHAIN_BROKEN' : 'POSITION_GAP', event, broken.why);
    // What is damaged or gone may have been of the same command: of that one nothing can be said.
    if (!isNext || damage !== undefined) this.#run = undefined;
    if (damage !== undefined) {
      this.#report('EVENT_DAMAGED', event, damage);
      return undefined;
    }
    await this.#goOn(event, receipts);
    return this.#decode(event);
  }

  /** After the last event. */
  async end(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    if (!run || run.hasReceipt) return;
    const { receiptOf, report } = this.#parts;
    const { commandId, last } = run;
    const position = await receiptOf(commandId);
    if (position === undefined && last <= ((await receiptOf(forgottenId)) ?? 0)) return;
    const found = { commandId, position: last };
    if (position === undefined)
      report({
        ...found,
        code: 'RECEIPT_MISSING',
        message: `The command ${commandId}, whose events end at position ${last}, has no receipt.`,
      });
    else
      report({
        ...found,
        code: 'RECEIPT_WRONG',
        message: `The events of the command ${commandId} end at position ${last}, but its receipt says ${position}.`,
      });
  }

  async #goOn({ position, stream, metadata: { commandId } }: ChainedEvent, receipts: readonly string[]): Promise<void> {
    const hasReceipt = receipts.includes(commandId);
    if (this.#run?.commandId !== commandId) {
      await this.end();
      this.#run = { commandId, stream, last: position, hasReceipt };
      return;
    }
    Object.assign(this.#run, { last: position, hasReceipt });
    const message = `The event at position ${position} stands in the stream ${stream}, those of its command before it in ${this.#run.stream}.`;
    if (stream !== this.#run.stream) this.#parts.report({ code: 'COMMAND_SPLIT', message, position, stream, commandId });
  }

  #decode(event: ChainedEvent): Recorded | undefined {
    const { codec } = this.#parts;
    try {
      const recorded = codec.decode(event);
      this.#compareTags(event, codec.definitions.get(event.type)?.tags(recorded.data) ?? []);
      return recorded;
    } catch (fault) {
      this.#parts.report({ code: 'EVENT_UNREADABLE', message: textOf(fault), position: event.position, stream: event.stream });
      return undefined;
    }
  }

  #compareTags(event: ChainedEvent, given: readonly string[]): void {
    const [stored, present] = [event.tags, given].map((tags) => [...tags].sort().join(', '));
    if (stored !== present)
      this.#report('TAGS_DIFFER', event, `it has the tags ${stored || '(none)'}; its data gives ${present || '(none)'}`);
  }

  #report(code: LogFindingCode, { position, stream, type }: ChainedEvent, why: string): void {
    this.#parts.report({ code, message: `The event at position ${position}, ${type}: ${why}.`, position, stream });
  }
}
