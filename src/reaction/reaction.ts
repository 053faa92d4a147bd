import { assert, limits } from '#base';
import type { AnyCatalogue, Catalogue, Recorded, RecordedOf, Shapes } from '#event';

/** What an answer is handed beside its event. */
export interface Attempt {
  /** The same for each attempt of this reaction at this event, and no other's: an outside service can drop by it what it has been told already. */
  readonly key: string;
  /** Aborted where the answer takes longer than `limits.reactionTimeMaxMs`, or the server stops: what is under way is given up, and tried again. */
  readonly signal: AbortSignal;
}

type Answers<C extends readonly unknown[]> = C extends readonly [Catalogue<string, infer S>, ...infer Rest]
  ? AnswersOf<S> & Answers<Rest>
  : unknown;
type AnswersOf<S extends Shapes> = {
  readonly [K in keyof S & string]?: (event: RecordedOf<S, K>, attempt: Attempt) => Promise<void>;
};

/** What is to happen outside, such as a mail, once an event is committed: at least once, in the order of positions, and never by a rebuild. */
export interface Reaction {
  /** By it the log knows how far the reaction has come: under another name it is a new one. */
  readonly name: string;
  readonly catalogues: readonly AnyCatalogue[];
  /** The event types that it answers. */
  readonly types: ReadonlySet<string>;
  /** Where it begins in a log that does not know it: at the end that the log has then, or with the first event. */
  readonly from: 'end' | 'start';
  /** Rejects with what the answer throws. */
  answer(event: Recorded, attempt: Attempt): Promise<void>;
}

/** What else a reaction says of itself. */
export interface ReactionOptions {
  /** Where it begins in a log that does not know it yet. Left out: `end`, so that nobody is told of history. */
  readonly from?: Reaction['from'];
}

/**
 * Declares what is to happen outside once events of some catalogues are committed. Types that are left out are passed over. An answer that throws is
 * tried again, and until it has gone well no later event is answered.
 *
 * @param name letters, digits and dashes
 */
export function reaction<const C extends readonly [AnyCatalogue, ...AnyCatalogue[]]>(
  name: string,
  catalogues: C,
  answers: Answers<C>,
  { from = 'end' }: ReactionOptions = {},
): Reaction {
  assert(
    /^[a-z][\w-]*$/i.test(name) && name.length <= limits.idLengthMax,
    `The reaction's name ${JSON.stringify(name)} is not letters, digits and dashes only, or too long.`,
    'Name it like "order-mail".',
  );
  const byType = new Map(Object.entries(answers as Readonly<Record<string, Reaction['answer']>>));
  const known = new Set(catalogues.flatMap(({ definitions }) => [...definitions.keys()]));
  for (const type of byType.keys()) assert(known.has(type), `The reaction ${name} answers ${type}, which is in none of its catalogues.`);
  assert(byType.size > 0, `The reaction ${name} answers no event.`, 'Give it an answer, or leave it out.');
  return {
    name,
    catalogues,
    types: new Set(byType.keys()),
    from,
    answer: async (event, attempt) => byType.get(event.type)?.(event, attempt),
  };
}
