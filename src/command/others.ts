import { limits, type Position } from '#base';
import type { Decodable, EventCodec } from '#event';
import type { ChainedEvent, Moment } from '#eventstore';
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
  #known: Position | undefined;

  constructor(parts: OthersParts<Connection>) {
    this.#parts = parts;
  }

  /** How far the log is known here; 0 before the first look. */
  get known(): Position {
    return this.#known ?? 0;
  }

  /** One's own commit. */
  committed(position: Position): void {
    this.#known = position;
  }

  /** Takes in what has come since. Nothing is remembered at the first look, so nothing is to be moved on. */
  async takeIn(moment: Moment<Connection>): Promise<void> {
    const position = await moment.position();
    const known = this.#known ?? position;
    this.#known = known;
    if (position <= known) return;
    if (position - known > limits.othersEventsMax || !moment.since || !this.#parts.journal.since) {
      this.#skip(position);
      return;
    }
    const [events, changes] = await Promise.all([
      moment.since(known, limits.othersEventsMax),
      this.#parts.journal.since(moment.connection, known, this.#parts.tables),
    ]);
    if (changes) this.#take(position, events, changes);
    else this.#skip(position);
  }

  #take(position: Position, stored: readonly ChainedEvent[], changes: readonly TableChange[]): void {
    const { codec, states, projector, onCommit } = this.#parts;
    let commit: Commit;
    try {
      const events = stored.map((one) => codec.decode(one));
      const first = stored[0]?.position ?? 0;
      states.evolve(events.map((event, i) => ({ event, tags: stored[i]?.tags ?? [] })))();
      projector.take(changes);
      commit = {
        position,
        events,
        changes: changes.flatMap(({ position: at, ...change }) => {
          const cause = events[at - first];
          return cause ? [{ ...change, cause }] : [];
        }),
      };
    } catch {
      // An event of a newer version of the program, or one that it folds otherwise: whoever asks for it is told so.
      this.#skip(position);
      return;
    }
    this.#known = position;
    onCommit(commit, stored);
  }

  #skip(position: Position): void {
    this.#parts.states.clear();
    this.#parts.projector.forget();
    this.#known = position;
    this.#parts.onBehind(position);
  }
}
