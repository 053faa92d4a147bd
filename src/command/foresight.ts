import { assert, type Clock } from '#base';
import { type Fold, isRefusal } from '#decider';
import type { Fact, Recorded } from '#event';
import type { EventReader, Expected, QueryItem, WriteTransaction } from '#eventstore';
import { type Projection, projectionsByType } from '#projector';
import type { RowStore, Table } from '#readtable';
import type { Deciding } from './deciding.ts';
import type { Envelope } from './envelope.ts';
import type { Folded, States } from './states.ts';

/** A command that waits to be decided. */
interface Coming {
  readonly number: number;
  readonly envelope: Envelope;
}

/** Keys of rows by their table. */
type Keys = Map<Table, Set<string>>;

/** What a {@link Foresight} stands on. */
export interface ForesightParts<Connection> {
  readonly states: States;
  readonly rows: RowStore<Connection>;
  readonly projections: readonly Projection[];
  readonly clock: Clock;
  readonly deciding: Deciding;
}

/**
 * Works out what the commands of a batch are going to ask a store for that is far away, so that it is asked once: their receipts, the events that their
 * states are folded from, and the rows that their events change. It only guesses: each command is decided for good on what those before it did, and what it then
 * asks for and was not foreseen is read where it is asked for. What throws here throws there as well, and is told there.
 */
export class Foresight<Connection> {
  readonly #parts: ForesightParts<Connection>;
  readonly #byType: ReadonlyMap<string, readonly Projection[]>;
  /** Those of the batch of which it is not known which rows they change. */
  #coming: readonly Coming[] = [];
  #log: EventReader | undefined;

  constructor(parts: ForesightParts<Connection>) {
    this.#parts = parts;
    this.#byType = projectionsByType(parts.projections);
  }

  /** A batch is about to be decided: what its states are folded from is read, as far as it is not remembered. */
  async begin(batch: readonly Coming[], transaction: WriteTransaction<Connection>): Promise<void> {
    this.#coming = [];
    if (!transaction.expect) return;
    this.#coming = batch;
    this.#log = transaction;
    const [commandIds, streams, items]: [string[], string[], QueryItem[]] = [[], [], []];
    for (const { number, envelope } of batch) {
      const guess = () => {
        const { command, input, commandId, mayRepeat } = envelope;
        if (mayRepeat) commandIds.push(commandId);
        const id = command.stream(input);
        streams.push(`${command.decider.category}-${id}`);
        const readings = Object.values(command.reads(input, this.#parts.clock.now()));
        for (const { fold, keys } of [{ fold: command.decider, keys: [id] }, ...readings])
          for (const key of keys) if (!this.#parts.states.peek(fold, key)) items.push(fold.select(key));
      };
      try {
        this.#parts.deciding.during(number, guess);
      } catch {
        // It will be told so when it is decided.
      }
    }
    const expected: Expected = { commandIds, streams: [...new Set(streams)], items };
    await transaction.expect(expected);
  }

  /** The row store of the batch's work: the first row that is not at hand is read together with all that the commands after it will ask for. */
  get rows(): RowStore<Connection> {
    const { rows } = this.#parts;
    if (!rows.expect) return rows;
    const expect = async (connection: Connection, table: Table, key: string): Promise<void> => {
      const keys = await this.#rowsToCome();
      keys.set(table, (keys.get(table) ?? new Set()).add(key));
      await rows.expect?.(connection, keys);
    };
    return {
      ...rows,
      get: (connection, table, key) =>
        this.#coming.length === 0
          ? rows.get(connection, table, key)
          : expect(connection, table, key).then(() => rows.get(connection, table, key)),
    };
  }

  /** The rows that the commands of the batch change, by what each of them would do if it were the only one. */
  async #rowsToCome(): Promise<Keys> {
    const keys: Keys = new Map();
    const coming = this.#coming;
    this.#coming = [];
    for (const { number, envelope } of coming) {
      // A command whose code stands still here is the one to be given up; what it throws it will be told when it is decided.
      await this.#parts.deciding.during(number, () => this.#rowsOf(envelope, keys)).catch(() => undefined);
    }
    return keys;
  }

  async #rowsOf(envelope: Envelope, keys: Keys): Promise<void> {
    for (const event of await this.#eventsOf(envelope))
      for (const { table, changes } of this.#byType.get(event.type) ?? [])
        for (const change of changes(event)) if ('key' in change) keys.set(table, (keys.get(table) ?? new Set()).add(change.key));
  }

  async #eventsOf({ command, input, commandId, correlationId, causationId, actor }: Envelope): Promise<readonly Recorded[]> {
    const { clock } = this.#parts;
    const id = command.stream(input);
    const now = clock.now();
    const [own] = await this.#load(command.decider, [id]);
    const reads: Record<string, unknown> = {};
    for (const [name, { fold, keys, value }] of Object.entries(command.reads(input, now)))
      reads[name] = value((await this.#load(fold, keys)).map(({ state }) => state));
    // What is new here is new there too, but has another id.
    const answer = command.decide(input, own?.state, { reads, refuse: undefined, now, newId: () => commandId });
    if (isRefusal(answer)) return [];
    const stream = `${command.decider.category}-${id}`;
    const metadata = { commandId, correlationId, causationId, actor };
    return [answer].flat().map((fact: Fact, i) => ({
      ...fact,
      ...{ eventId: commandId, stream, id, metadata, position: 0, version: (own?.version ?? 0) + i + 1, recordedAt: now },
    }));
  }

  #load(fold: Fold<unknown>, keys: readonly string[]): Promise<readonly Folded[]> {
    assert(this.#log, 'A batch is foreseen that has not begun.');
    return this.#parts.states.load(this.#log, fold, keys);
  }
}
