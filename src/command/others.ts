import { limits, type Position } from '#base';
import type { Decodable, EventCodec } from '#event';
import { type ChainedEvent, type Head, linkOf, type Moment } from '#eventstore';
import type { Commit, Projector } from '#projector';
import type { Journal, Table, TableChange } from '#readtable';
import type { States } from './states.ts';

/** What {@link Others} stands on. */
export interface OthersParts<Connection> {
  readonly states: States;
  readonly projector: Projector<Connection>;
  readonly journal: Journal<Connection>;
  readonly tables: readonly Table[];
  readonly codec: EventCodec;
  /** Told of a commit of somebody else, in its order among one's own. */
  readonly onCommit: (commit: Commit, stored: readonly Decodable[]) => void;
  /** Told that so much was committed by others that it was not taken in: whoever follows it reads it from the log. */
  readonly onBehind: (position: Position) => void;
}

/**
 * Takes in what other processes committed: what is remembered of states and rows is moved on by it, and live streams are told, before anything
 * is decided on it. One process knows the log up to a position; whoever holds the log's lock has taken in all of it.
 */
export class Others<Connection> {
  readonly #parts: OthersParts<Connection>;
  #known: Head | undefined;

  constructor(parts: OthersParts<Connection>) {
    this.#parts = parts;
  }

  /** How far the log is known here; 0 before the first look. */
  get known(): Position {
    return this.#known?.position ?? 0;
  }

  /** One's own commit. */
  committed(head: Head): void {
    this.#known = head;
  }

  /**
   * Takes in what has come since. Nothing is remembered at the first look, so nothing is to be moved on. A log that does not begin with what is known
   * (a standby took over that lacked the last commits, or a backup was restored) is known anew: what was remembered of the other one is in it nowhere.
   */
  async takeIn(moment: Moment<Connection>): Promise<void> {
    const head = await moment.head();
    const known = this.#known ?? head;
    this.#known = known;
    if (head.position === known.position && head.hash === known.hash) return;
    const count = head.position - known.position;
    if (count <= 0 || count > limits.othersEventsMax || !moment.since || !this.#parts.journal.since) {
      this.#skip(head);
      return;
    }
    const [events, changes] = await Promise.all([
      moment.since(known.position, limits.othersEventsMax),
      this.#parts.journal.since(moment.connection, known.position, this.#parts.tables),
    ]);
    const [next] = events;
    if (changes && next && linkOf(next, known.hash) === next.hash) this.#take(head, events, changes);
    else this.#skip(head);
  }

  #take(head: Head, stored: readonly ChainedEvent[], changes: readonly TableChange[]): void {
    const { codec, states, projector, onCommit } = this.#parts;
    let commit: Commit;
    try {
      const events = stored.map((one) => codec.decode(one));
      const first = stored[0]?.position ?? 0;
      states.evolve(events.map((event, i) => ({ event, tags: stored[i]?.tags ?? [] })))();
      projector.take(changes);
      commit = {
        position: head.position,
        events,
        changes: changes.flatMap(({ position: at, ...change }) => {
          const cause = events[at - first];
          return cause ? [{ ...change, cause }] : [];
        }),
      };
    } catch {
      // An event of a newer version of the program, or one that it folds otherwise: whoever asks for it is told so.
      this.#skip(head);
      return;
    }
    this.#known = head;
    onCommit(commit, stored);
  }

  #skip(head: Head): void {
    this.#parts.states.clear();
    this.#parts.projector.forget();
    this.#known = head;
    this.#parts.onBehind(head.position);
  }
}
