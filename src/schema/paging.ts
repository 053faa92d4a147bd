import { limits } from '#base';
import type { PageRequest } from '#readtable';
import { badInput, pageTooLarge } from './faults.ts';
import { type Fields, optionalField, scalar } from './shape.ts';

/** Arguments as GraphQL hands them over, of a field that is known when the schema is built. */
export type Arguments = Readonly<Record<string, unknown>>;

const { pageRowsMax, pageRowsDefault } = limits;

/** Arguments of every page of rows. */
export const pageFields: Fields = {
  first: optionalField(scalar('Int'), `So many from the start, at most ${pageRowsMax}; neither this nor \`last\`: ${pageRowsDefault}.`),
  after: optionalField(scalar('String'), 'Only what comes after this cursor.'),
  last: optionalField(scalar('Int'), `So many from the end, at most ${pageRowsMax}; not together with \`first\`.`),
  before: optionalField(scalar('String'), 'Only what comes before this cursor.'),
};

/** Reads the arguments of a page. Throws `PAGE_TOO_LARGE`, or `BAD_USER_INPUT` where they contradict one another. */
export function pageOf({ first, after, last, before }: Arguments): Pick<PageRequest, 'count' | 'fromEnd' | 'after' | 'before'> {
  if (isGiven(first) && isGiven(last)) throw badInput('`first` and `last` are given together.', 'Give one of them.');
  const fromEnd = isGiven(last);
  return {
    count: fromEnd ? countOf('last', last) : countOf('first', first),
    fromEnd,
    ...(typeof after === 'string' && { after }),
    ...(typeof before === 'string' && { before }),
  };
}

const isGiven = (value: unknown): boolean => value !== null && value !== undefined;

/** Reads how many are asked for; where it is not said, `pageRowsDefault`. */
export function countOf(name: string, value: unknown, fallback: number = pageRowsDefault): number {
  const count = typeof value === 'number' ? value : fallback;
  if (count < 0) throw badInput(`\`${name}\` is ${count}, which is less than none.`, 'Give 0 or more.');
  if (count > pageRowsMax) throw pageTooLarge(`\`${name}\``, count, pageRowsMax);
  return count;
}
