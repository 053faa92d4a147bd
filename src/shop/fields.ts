import { z } from 'zod';
import { Decimal, formatDecimal, Instant } from '#varve';
import { shopLimits } from './limits.ts';

/** Rules that inputs of several commands share. Events do not use them: a rule may change, what happened does not. */

/** A line of text for people, without blanks around it. Blank is also what only looks so: characters that show nothing. */
export const textUpTo = (lengthMax: number) =>
  z
    .string()
    .trim()
    .max(lengthMax, `must have at most ${lengthMax} characters`)
    .regex(/[^\s\p{Default_Ignorable_Code_Point}]/u, 'must not be blank')
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters or halves of characters');

/** A whole number in a range, both ends included. */
export const wholeNumber = (min: number, max: number) =>
  z.int('must be a whole number').min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);

/** What one unit costs: nothing is a price, less than nothing is none. */
export const Price = Decimal.refine((price) => price >= 0, 'must not be below 0').refine(
  (price) => price <= shopLimits.unitPriceMax,
  `must be at most ${formatDecimal(shopLimits.unitPriceMax)}`,
);

const earliest = new Date('1970-01-01T00:00:00Z');
const latest = new Date('9999-12-31T23:59:59.999Z');

/** A moment that a shop may have seen: its UTC day has a name of the form YYYY-MM-DD. */
export const Moment = Instant.refine((moment) => moment >= earliest && moment <= latest, 'must lie between the years 1970 and 9999');
