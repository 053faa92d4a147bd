import type { z } from 'zod';
import { assert, type NewId } from '#base';
import type { AnyCatalogue, Catalogue, Fact, FactOf, Recorded, Shapes } from '#event';
import { type Fold, type Reading, readings } from './fold.ts';
import { InvalidInput, type Issue, type Refusal, type Rejection } from './rejection.ts';

/** What a decision is handed beside the input and the state: all that is not in them, so that it stays pure (P9). */
interface Handed<Reads, Refuse> {
  /** What the command's `reads` asked for. */
  readonly reads: Reads;
  /** Makes a refusal: `refuse.OutOfStock({ … })`. */
  readonly refuse: Refuse;
  /** The command's moment. */
  readonly now: Date;
  readonly newId: NewId;
}

/** A command without its types: what the dispatcher and the schema see. */
export interface Command {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType;
  readonly decider: AnyDecider;
  readonly refuses: Readonly<Record<string, Rejection>>;
  /** The id of the aggregate that the input is for. */
  stream(input: unknown): string;
  reads(input: unknown, now: Date): Readonly<Record<string, Reading<unknown>>>;
  decide(input: unknown, state: unknown, handed: Handed<unknown, unknown>): Fact | readonly Fact[] | Refusal;
}

/** A decider without its types. */
export interface AnyDecider extends Fold<unknown> {
  readonly category: string;
  readonly catalogue: AnyCatalogue;
}

type Readings = Readonly<Record<string, Reading<unknown>>>;
type Values<R> = { readonly [K in keyof R]: R[K] extends Reading<infer Value> ? Value : never };
type Refusals = Readonly<Record<string, Rejection>>;
type Refuse<J> = { readonly [K in keyof J]: J[K] extends Rejection<infer F> ? (data: z.output<F>) => Refusal : never } & {
  /** For rules that need the state; rules of the input alone belong in its schema. */
  readonly InvalidInput: (issues: readonly Issue[]) => Refusal;
};

/** What a command is made of. */
interface CommandSpec<State, S extends Shapes, I extends z.ZodType, R extends Readings, J extends Refusals> {
  /** One sentence for the API's reader. */
  readonly description?: string;
  /** The input's shape and its own rules; what breaks them is refused with `InvalidInput`. */
  readonly input: I;
  /** The id of the aggregate that the input is for. */
  stream(input: z.output<I>): string;
  /** What else the decision looks at: other aggregates, folds by tag. `now` is the command's moment, as the decision has it. */
  reads?(input: z.output<I>, now: Date): R;
  /** Why it may be refused, each a possible answer in the API. */
  readonly refuses?: J;
  /** Decides: the events that follow, none where nothing is to change, or a refusal. */
  decide(
    input: z.output<I>,
    state: State,
    handed: Handed<Values<NoInfer<R>>, Refuse<NoInfer<J>>>,
  ): NoInfer<FactOf<S>> | readonly NoInfer<FactOf<S>>[] | Refusal;
}

/** An aggregate's logic: `initial`, `evolve`, and the commands made of it (after Jérémie Chassaing's Decider). */
export interface Decider<State, N extends string, S extends Shapes> extends Fold<State> {
  readonly category: N;
  readonly catalogue: Catalogue<N, S>;
  /** Makes a command of this aggregate: a value in which input, refusals and decision stand together. */
  command<
    I extends z.ZodType,
    R extends Readings = Readonly<Record<never, never>>,
    const J extends Refusals = Readonly<Record<never, never>>,
  >(name: string, spec: CommandSpec<State, S, I, R, J>): Command;
}

type Steps<State, S extends Shapes> = { readonly [K in keyof S & string]: (state: State, data: z.output<S[K]>, event: Recorded) => State };

/** Declares the decider of a catalogue's aggregates. Every event must have its step. */
export function decider<const N extends string, const S extends Shapes>(catalogue: Catalogue<N, S>) {
  return {
    /** The state before the first event. Give its type: `starts<OrderState>({ … })`. */
    starts: <State>(initial: State) => ({
      evolves: (steps: Steps<State, S>): Decider<State, N, S> =>
        build(catalogue, initial, steps as Readonly<Record<string, AnyStep<State>>>),
    }),
  };
}

type AnyStep<State> = (state: State, data: unknown, event: Recorded) => State;

function build<State, N extends string, S extends Shapes>(
  catalogue: Catalogue<N, S>,
  initial: State,
  steps: Readonly<Record<string, AnyStep<State>>>,
): Decider<State, N, S> {
  const { category } = catalogue;
  const made: Decider<State, N, S> = {
    name: category,
    category,
    catalogue,
    initial,
    catalogues: [catalogue],
    select: (id) => ({ stream: `${category}-${id}` }),
    evolve: (state, event) => {
      const step = steps[event.type];
      assert(step, `The decider of ${category} does not know the event ${event.type}.`);
      return step(state, event.data, event);
    },
    ...readings(() => made),
    command: (name, spec) => command(name, made, spec),
  };
  return made;
}

function command<State, S extends Shapes, I extends z.ZodType, R extends Readings, J extends Refusals>(
  name: string,
  of: AnyDecider,
  spec: CommandSpec<State, S, I, R, J>,
): Command {
  const refuses: Refusals = spec.refuses ?? {};
  const refuse = {
    ...Object.fromEntries(Object.entries(refuses).map(([key, { refuse: make }]) => [key, make])),
    InvalidInput: (issues: readonly Issue[]) =>
      InvalidInput.refuse({ issues: issues.map(({ path, message }) => ({ path: [...path], message })) }),
  };
  return {
    name,
    description: spec.description ?? '',
    input: spec.input,
    decider: of,
    refuses,
    stream: (input) => spec.stream(input as z.output<I>),
    reads: (input, now) => spec.reads?.(input as z.output<I>, now) ?? {},
    // Types end here: the dispatcher hands over exactly what `input`, `reads` and `refuses` made.
    decide: (input, state, handed) => spec.decide(input as z.output<I>, state as State, { ...handed, refuse } as never),
  };
}

/** Tells a refusal from facts. */
export function isRefusal(decided: Fact | readonly Fact[] | Refusal): decided is Refusal {
  return 'rejection' in decided;
}
