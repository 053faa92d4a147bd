import type { z } from 'zod';
import { assert } from '#base';
import type { AnyCatalogue, Catalogue, Recorded } from '#event';

/** The events that a fold reads: those of one stream, or those of some types that carry all of some tags. */
export interface Selection {
  readonly stream?: string;
  readonly types?: readonly string[];
  readonly tags?: readonly string[];
}

/**
 * A state folded from events, one for each key. A decider is the fold over an aggregate's own stream; `fold()`
 * makes one over any events by tag: a dynamic consistency boundary (https://dcb.events). Pure.
 */
export interface Fold<State> {
  /** Unique among the application's folds. */
  readonly name: string;
  readonly initial: State;
  readonly catalogues: readonly AnyCatalogue[];
  select(key: string): Selection;
  evolve(state: State, event: Recorded, key: string): State;
  /** The state at one key, for a command's `reads`. */
  at(key: string): Reading<State>;
  /** The states at many keys, by key. */
  each(keys: Iterable<string>): Reading<ReadonlyMap<string, State>>;
}

/** Something a command reads before it decides; what it read cannot have changed when its events are stored. */
export interface Reading<Value> {
  readonly fold: Fold<unknown>;
  readonly keys: readonly string[];
  /** Makes the value from the states at the keys, in their order. */
  value(states: readonly unknown[]): Value;
}

/** The readings of one fold. */
export function readings<State>(fold: () => Fold<State>): Pick<Fold<State>, 'at' | 'each'> {
  return {
    at: (key) => ({ fold: fold(), keys: [key], value: ([state]) => state as State }),
    each: (keys) => {
      const distinct = [...new Set(keys)];
      return { fold: fold(), keys: distinct, value: (states) => new Map(distinct.map((key, i) => [key, states[i] as State])) };
    },
  };
}

/** The shapes of several catalogues as one. */
export type ShapesOf<C extends readonly unknown[]> = C extends readonly [Catalogue<string, infer S>, ...infer Rest]
  ? S & ShapesOf<Rest>
  : unknown;

type Step<State, S, K extends keyof S> = (state: State, data: z.output<S[K]>, event: Recorded & { readonly key: string }) => State;

/** What a fold by tag does at each event it names; the others it never reads. `event.key` is the key it is folded for. */
export type Steps<State, S> = { readonly [K in keyof S & string]?: Step<State, S, K> };

/**
 * A fold by tag over the events of any aggregates. Where `by` gives several tags, an event must carry them all; none: the
 * types alone select.
 *
 * @param name letters and digits, unique among the application's folds and deciders
 *
 * ```ts
 * const Stock = fold('stock', [product, order]).by((sku) => [`product:${sku}`]).starts(0).evolves({ … })
 * ```
 */
export function fold<const C extends readonly [AnyCatalogue, ...AnyCatalogue[]]>(name: string, catalogues: C) {
  assert(
    /^[a-zA-Z][a-zA-Z0-9]*$/.test(name),
    `The fold's name ${JSON.stringify(name)} is not letters and digits only.`,
    'Name it like "stock".',
  );
  return {
    by: (tags: (key: string) => readonly string[]) => ({
      starts: <State>(initial: State) => ({
        evolves: (steps: Steps<State, ShapesOf<C>>): Fold<State> =>
          build(name, catalogues, tags, initial, steps as Readonly<Record<string, AnyStep<State>>>),
      }),
    }),
  };
}

type AnyStep<State> = (state: State, data: unknown, event: Recorded & { readonly key: string }) => State;

function build<State>(
  name: string,
  catalogues: readonly AnyCatalogue[],
  tags: (key: string) => readonly string[],
  initial: State,
  steps: Readonly<Record<string, AnyStep<State>>>,
): Fold<State> {
  const types = Object.keys(steps);
  const made: Fold<State> = {
    name,
    initial,
    catalogues,
    select: (key) => ({ types, tags: tags(key) }),
    evolve: (state, event, key) => {
      const step = steps[event.type];
      return step ? step(state, event.data, { ...event, key }) : state;
    },
    ...readings(() => made),
  };
  return made;
}
