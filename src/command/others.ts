import { limits, type Position } from '#base';
import type { Decodable, EventCodec } from '#event';
import { type BeginningMoment, type ChainedEvent, type Head, linkOf, type Moment } from '#eventstore';
import type { Commit, Projector } from '#projector';
import type { Journal, RowStore, Table, TableChange } from '#readtable';
import type { States } from './states.ts';

/** What {@link Others} stands on. */
export interface OthersParts<Connection> {
  readonly states: States;
  readonly projector: Projector<Connection>;
  readonly rows: Pick<RowStore<Connection>, 'rebuilt'>;
  readonly journal: Journal<Connection>;
  readonly tables: readonly Table[];
  readonly codec: EventCodec;
  /** Told of a commit of somebody else, in its order among one's own. */
  readonly onCommit: (commit: Commit, stored: readonly Decodable[]) => void;
  /** Told that so much was committed by others that it was not taken in: whoever follows it reads it from the log. */
  readonly onBehind: (position: Position) => void;
  /** Told that read tables were made anew. */
  readonly onRebuilt: () => void;
}

/** What was asked of what others did. */
export interface AskedOthers {
  /** Read tables that were made anew. */
  readonly rebuilt: Promise<readonly string[]>;
  /** What was committed after this head. */
  readonly after: Head | undefined;
  readonly arrived: Promise<readonly [readonly ChainedEvent[], readonly TableChange[] | undefined]> | undefined;
}

/**
 * Takes in what other processes committed: what is remembered of states and rows is moved on by it, and live streams are told, before anything
 * is decided on it. One process knows the log up to a position; whoever holds the log's lock has taken in all of it.
 */
export class Others<Connection> {
  readonly #parts: OthersParts<Connection>;
  #known: Head | undefined;
  /** The last look found that somebody had committed something: so it is asked for before it is known. */
  #wereWriting = false;

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
  async takeIn(moment: Moment<Connection>, asked: AskedOthers = this.ask(moment)): Promise<void> {
    try {
      await this.#takeIn(moment, asked);
    } finally {
      // What is read in a moment ends before the moment does.
      await asked.arrived?.catch(() => undefined);
    }
  }

  async #takeIn(moment: Moment<Connection>, asked: AskedOthers): Promise<void> {
    if ((await asked.rebuilt).length > 0) {
      // Rows of a table that was made anew are not those that are remembered.
      this.#parts.projector.forget();
      this.#parts.onRebuilt();
    }
    const head = await moment.head();
    const known = this.#known ?? head;
    this.#known = known;
    this.#wereWriting = head.position !== known.position || head.hash !== known.hash;
    if (!this.#wereWriting) return;
    const count = head.position - known.position;
    if (count <= 0 || count > limits.othersEventsMax) return this.#skip(head);
    const [events, changes] = (await (asked.after === known ? asked.arrived : this.#arrived(moment, known))) ?? [[], undefined];
    const [next] = events;
    if (changes && next && linkOf(next, known.hash) === next.hash) this.#take(head, events, changes);
    else this.#skip(head);
  }

  /**
   * Asks what others did: of a moment that is just being begun, too.
   *
   * @param isExpected whether it is likely that they have committed something
   */
  ask(moment: BeginningMoment<Connection>, isExpected = this.#wereWriting): AskedOthers {
    const rebuilt = (async () => (await this.#parts.rows.rebuilt?.(moment.connection)) ?? [])();
    const after = isExpected ? this.#known : undefined;
    const arrived = after && this.#arrived(moment, after);
    // Where nobody comes to wait for them, what begins the moment has failed too, and is told.
    rebuilt.catch(() => undefined);
    arrived?.catch(() => undefined);
    return { rebuilt, after: arrived && after, arrived };
  }

  /** What was committed after a head, as far as it may be taken in; undefined where nobody else writes. */
  #arrived({ connection, since }: BeginningMoment<Connection>, { position }: Head): AskedOthers['arrived'] {
    const { journal, tables } = this.#parts;
    const count = limits.othersEventsMax;
    if (!since || !journal.since) return undefined;
    const asked = [since(position, count), journal.since(connection, position, tables, position + count)] as const;
    // Where one fails, the other is still under way.
    return Promise.allSettled(asked).then(() => Promise.all(asked));
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
