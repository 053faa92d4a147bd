import { deepStrictEqual, fail } from 'node:assert/strict';
import type { z } from 'zod';
import { fixedClock } from '#base';
import type { Command, Refusal, Rejection } from '#decider';
import type { Fact, Recorded } from '#event';
import { projector } from '#projector';
import type { AnyRow, Row, Table } from '#readtable';
import type { SendOptions } from './envelope.ts';
import { type Domain, type MemoryEngine, openMemoryEngine } from './memory.ts';

/** What a scenario's command came to. */
export interface ScenarioOutcome {
  readonly events: readonly Recorded[];
  readonly refusal: Refusal | undefined;
}

interface Sent {
  readonly command: Command;
  readonly input: unknown;
  readonly options: SendOptions;
}

/** When a scenario plays, unless it says otherwise. */
const defaultNow = new Date('2026-01-01T12:00:00Z');

/**
 * Given/when/then, through the real dispatcher, projections and stores in memory. Awaiting it runs it; each `then…` that does
 * not hold throws with the difference.
 *
 * ```ts
 * await scenario(shop)
 *   .given('ada', user.UserRegistered({ … }))
 *   .when(placeOrder, { orderId: '1', … })
 *   .thenEvents(order.OrderPlaced({ … }))
 *   .again();
 * ```
 */
export function scenario(domain: Domain, { now = defaultNow }: { readonly now?: Date } = {}): Scenario {
  return new Scenario(domain, now);
}

/** A story of one application, told step by step; see {@link scenario}. */
export class Scenario implements PromiseLike<void> {
  readonly #domain: Domain;
  readonly #engine: MemoryEngine;
  readonly #clock;
  readonly #steps: (() => Promise<void>)[] = [];
  #sent: Sent | undefined;
  #came: ScenarioOutcome = { events: [], refusal: undefined };

  constructor(domain: Domain, now: Date) {
    this.#domain = domain;
    this.#clock = fixedClock(now);
    this.#engine = openMemoryEngine(domain, { clock: this.#clock });
  }

  /** Events that happened to the aggregate of this id. */
  given(id: string, ...facts: readonly Fact[]): this {
    return this.givenAt(this.#clock.now(), id, ...facts);
  }

  /** The same, at another moment. */
  givenAt(recordedAt: Date, id: string, ...facts: readonly Fact[]): this {
    return this.#step(() => this.#record(recordedAt, id, facts));
  }

  /** The command, with its input as a client sends it. A second one follows the first. */
  when(command: Command, input: unknown, options: SendOptions = {}): this {
    return this.#step(async () => {
      this.#sent = {
        command,
        input,
        options: { commandId: `scenario-${this.#steps.length}-${await this.#engine.log.position()}`, ...options },
      };
      await this.#send();
    });
  }

  /** Exactly these events were stored. */
  thenEvents(...facts: readonly Fact[]): this {
    return this.#step(async () => {
      if (this.#came.refusal)
        fail(`refused: ${this.#came.refusal.code}: ${this.#came.refusal.message} ${JSON.stringify(this.#came.refusal.data)}`);
      deepStrictEqual(
        this.#came.events.map(({ type, data }) => ({ type, data })),
        facts.map(({ type, data }) => ({ type, data })),
      );
    });
  }

  /** The command was accepted and stored no event. */
  thenNothing(): this {
    return this.thenEvents();
  }

  /** The command was refused so, with at least these fields, and nothing was stored. */
  thenRefused<F extends z.ZodObject>(rejection: Rejection<F>, fields: Partial<z.output<F>> = {}): this {
    return this.#step(async () => {
      const { refusal, events } = this.#came;
      deepStrictEqual({ code: refusal?.code, events }, { code: rejection.code, events: [] });
      for (const [name, value] of Object.entries(fields)) deepStrictEqual(refusal?.data[name], value, `${rejection.name}.${name}`);
    });
  }

  /** The row stands, with at least these values. */
  thenRow<T extends Table>(table: T, key: string, values: Partial<Row<T>>): this {
    return this.#step(async () => {
      const row: AnyRow | undefined = this.#row(table, key);
      if (!row) fail(`${table.name} has no row ${key}`);
      deepStrictEqual(Object.fromEntries(Object.keys(values).map((name) => [name, row[name]])), { ...values });
    });
  }

  /** There is no such row. */
  thenNoRow(table: Table, key: string): this {
    return this.#step(async () => deepStrictEqual(this.#row(table, key), undefined));
  }

  /** The same command with the same id again: accepted, it is answered as before and changes nothing; refused, it is refused alike (P5). */
  again(): this {
    return this.#step(async () => {
      const before = { position: await this.#engine.log.position(), rows: this.#allRows(), refusal: this.#came.refusal };
      await this.#send();
      deepStrictEqual({ position: await this.#engine.log.position(), rows: this.#allRows(), refusal: this.#came.refusal }, before);
    });
  }

  /** Runs the steps and answers what the last command came to. */
  async outcome(): Promise<ScenarioOutcome> {
    for (const step of this.#steps.splice(0)) await step();
    return this.#came;
  }

  /** So that a scenario can be awaited, or returned from a test. */
  // biome-ignore lint/suspicious/noThenProperty: a scenario is awaited by its reader, like any promise.
  then<A, B>(resolve?: (() => A | PromiseLike<A>) | null, reject?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.outcome().then(resolve && (() => resolve()), reject);
  }

  #step(step: () => Promise<void>): this {
    this.#steps.push(step);
    return this;
  }

  async #record(recordedAt: Date, id: string, facts: readonly Fact[]): Promise<void> {
    if (this.#sent) fail('given comes before when');
    const { log, codec, rows } = this.#engine;
    const metadata = { commandId: 'given', correlationId: 'given', causationId: null, actor: null };
    await log.transaction(async (transaction) => {
      const work = projector(this.#domain.projections, rows).begin(transaction.connection);
      for (const fact of facts) {
        const eventId = `given-${await transaction.position()}`;
        const stored = await transaction.append([
          { ...codec.encode(fact), eventId, stream: `${fact.category}-${id}`, metadata, recordedAt },
        ]);
        await work.project(stored.map((event) => codec.decode(event)));
        work.keep();
      }
      await work.flush();
    });
  }

  async #send(): Promise<void> {
    if (!this.#sent) fail('again comes after when');
    const { log, codec, send } = this.#engine;
    const before = await log.position();
    const outcome = await send(this.#sent.command, this.#sent.input, this.#sent.options);
    const stored = await log.read('all', { after: before });
    this.#came = { events: stored.map((event) => codec.decode(event)), refusal: outcome.accepted ? undefined : outcome.refusal };
  }

  #row(table: Table, key: string): AnyRow | undefined {
    return this.#engine.rows.all(table).find((row) => row[table.key] === key);
  }

  #allRows(): readonly (readonly AnyRow[])[] {
    return this.#domain.projections.map(({ table }) => this.#engine.rows.all(table));
  }
}
