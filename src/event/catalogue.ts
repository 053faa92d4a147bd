import { z } from 'zod';
import { assert } from '#base';
import type { Fact, Recorded } from './recorded.ts';

/** Event types and the shapes of their data. Keys are the stored names: never rename one. */
export type Shapes = Readonly<Record<string, z.ZodObject>>;

/** The facts that a catalogue's events are, told apart by `type`. */
export type FactOf<S extends Shapes, K extends keyof S & string = keyof S & string> = { [P in K]: Fact<P, z.output<S[P]>> }[K];

/** The same, as the log has them. */
export type RecordedOf<S extends Shapes, K extends keyof S & string = keyof S & string> = { [P in K]: Recorded<P, z.output<S[P]>> }[K];

/** Turns the JSON of one version of an event's data into that of the next. Pure. */
export type Upcaster = (data: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** One event type: everything needed to write and read it. */
export interface EventDefinition {
  readonly category: string;
  readonly type: string;
  readonly shape: z.ZodObject;
  /** Version of the shape, from 1: one more than there are upcasters. */
  readonly schemaVersion: number;
  readonly upcasters: readonly Upcaster[];
  /** Text that changes when stored data comes to be read as something else: by another shape, or another way to it. */
  readonly source: string;
  tags(data: unknown): readonly string[];
}

/** A catalogue without its types: what the framework's machinery sees. */
export interface AnyCatalogue {
  readonly category: string;
  readonly definitions: ReadonlyMap<string, EventDefinition>;
}

/** The events of one kind of aggregate; each of them is a constructor: `order.OrderPaid({ paymentReference })`. */
export type Catalogue<N extends string, S extends Shapes> = AnyCatalogue & {
  readonly category: N;
  /** For inference only. */
  readonly shapes: S;
} & { readonly [K in keyof S & string]: (data: z.output<S[K]>) => FactOf<S, K> };

/** What else an event type may say of itself. */
export interface EventOptions<S extends Shapes> {
  /**
   * What else the event concerns, from its data: `product:85123A`. Not personal data in clear: see `fingerprint`. Stored with the event: another
   * function later changes nothing of events that are there, and a fold by what it gives does not find them.
   */
  readonly tags?: { readonly [K in keyof S & string]?: (data: z.output<S[K]>) => readonly string[] };
  /** How older shapes become the present one, oldest first. The shape's version is one more than there are upcasters. */
  readonly upcasters?: { readonly [K in keyof S & string]?: readonly Upcaster[] };
}

/**
 * Declares what can have happened to one kind of aggregate.
 *
 * @param category begins the name of every stream: `order` gives `order-536365`. Lower case, no dash.
 */
export function events<const N extends string, const S extends Shapes>(
  category: N,
  shapes: S,
  options: EventOptions<S> = {},
): Catalogue<N, S> {
  assert(
    /^[a-z][a-zA-Z0-9]*$/.test(category),
    `The category ${JSON.stringify(category)} is not letters and digits only.`,
    'Name it like "order".',
  );
  const definitions = new Map(Object.keys(shapes).map((type) => [type, define(category, type, shapes, options)]));
  const constructors = Object.fromEntries(Object.keys(shapes).map((type) => [type, (data: unknown): Fact => ({ category, type, data })]));
  // The one cast of this file: the keys and types of `constructors` are those of `shapes`.
  return { category, shapes, definitions, ...constructors } as Catalogue<N, S>;
}

function define<S extends Shapes>(category: string, type: string, shapes: S, { tags, upcasters }: EventOptions<S>): EventDefinition {
  const shape = shapes[type];
  assert(shape, `The event ${type} has no shape.`);
  const older = upcasters?.[type] ?? [];
  const tagsOf = tags?.[type] as ((data: unknown) => readonly string[]) | undefined;
  return {
    category,
    type,
    shape,
    schemaVersion: older.length + 1,
    upcasters: older,
    // Worked out where it is asked for: a domain is imported more often than its read tables are checked.
    get source() {
      const fields = JSON.stringify(z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }));
      return [type, older.length + 1, ...older.map(String), fields].join(' ');
    },
    tags: (data) => [...new Set(tagsOf?.(data) ?? [])],
  };
}
