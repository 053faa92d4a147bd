import type { Position } from '#base';
import type { Answer, Heard, History, Read, Sending, ShownRow, Tick } from './history.ts';
import type { Wish } from './wishes.ts';

/** What came back of a command, as it came: without the moment. */
export type Outcome =
  | { readonly is: 'accepted'; readonly position: Position; readonly replayed: boolean; readonly shown?: Look }
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'unknown'; readonly why: string }
  /** It never left: nobody was there to take it. */
  | { readonly is: 'unsent' };

/** What a read showed. */
export interface Look {
  readonly position: Position;
  readonly rows: readonly ShownRow[];
}

/** How a client reaches the shop, over whatever is between them. */
export interface Reach {
  send(wish: Wish, commandId: string): Promise<Outcome>;
  /** All products and days, and some orders, in one operation; undefined where no answer came. */
  look(orderIds: readonly string[], atLeast: Position): Promise<Look | undefined>;
}

/** Writes down what clients do and are told. */
export class Recorder {
  readonly #sendings: Sending[] = [];
  readonly #reads: Read[] = [];
  readonly #faults: string[] = [];
  #tick: Tick = 0;
  #position: Position = 0;
  #accepted = 0;

  /** The highest position that anyone was shown. */
  get position(): Position {
    return this.#position;
  }

  tick(): Tick {
    this.#tick += 1;
    return this.#tick;
  }

  sending(sending: Sending): void {
    this.#sendings.push(sending);
    const { answer } = sending;
    if (answer.is !== 'accepted') return;
    this.#accepted += 1;
    this.#position = Math.max(this.#position, answer.position);
  }

  read(read: Read): void {
    this.#reads.push(read);
    this.#position = Math.max(this.#position, read.position);
  }

  /** Somebody was told of a fault that nothing explains. */
  fault(message: string): void {
    this.#faults.push(message);
  }

  /** Of those, which were accepted. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Commands sent, each time that they were, and answered or given up. */
  get sent(): number {
    return this.#sendings.length;
  }

  /** All of it, so far. */
  history(heard: readonly Heard[] = []): History {
    return { sendings: [...this.#sendings], reads: [...this.#reads], faults: [...this.#faults], heard };
  }
}

/** A client that is recorded. */
export class Session {
  readonly name: string;
  readonly #recorder: Recorder;
  readonly #reach: Reach;

  constructor(name: string, recorder: Recorder, reach: Reach) {
    this.name = name;
    this.#recorder = recorder;
    this.#reach = reach;
  }

  /** Sends a command; undefined where it never left. */
  async send(wish: Wish, commandId: string): Promise<Answer | undefined> {
    const sentAt = this.#recorder.tick();
    const outcome = await this.#reach.send(wish, commandId);
    if (outcome.is === 'unsent') return undefined;
    const answer = this.#answer(outcome);
    const { command, input, stream, leaves, mayBeIdle } = wish;
    const { name: session } = this;
    this.#recorder.sending({ session, commandId, wish: JSON.stringify([command, input]), stream, leaves, mayBeIdle, sentAt, answer });
    if (outcome.is === 'accepted' && outcome.shown && answer.is === 'accepted') this.#saw(outcome.shown, sentAt, answer.at);
    return answer;
  }

  /** Reads; answers the position, 0 where no answer came. */
  async look(orderIds: readonly string[], atLeast: Position = 0): Promise<Position> {
    const sentAt = this.#recorder.tick();
    const look = await this.#reach.look(orderIds, atLeast);
    if (look) this.#saw(look, sentAt, this.#recorder.tick(), atLeast);
    return look?.position ?? 0;
  }

  #answer(outcome: Exclude<Outcome, { is: 'unsent' }>): Answer {
    if (outcome.is === 'unknown') return { is: 'unknown', why: outcome.why };
    const at = this.#recorder.tick();
    if (outcome.is === 'refused') return { is: 'refused', at, why: outcome.why };
    return { is: 'accepted', at, position: outcome.position, replayed: outcome.replayed };
  }

  #saw(look: Look, sentAt: Tick, answeredAt: Tick, atLeast: Position = 0): void {
    this.#recorder.read({ session: this.name, sentAt, answeredAt, atLeast, ...look });
  }
}
