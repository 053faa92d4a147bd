import { z } from 'zod';
import { type Decimal as DecimalValue, formatDecimal, limits, readDecimal } from '#base';

/**
 * Fields that events and commands share. Each is a codec: JSON text outside, a proper value inside.
 * `graphql` in a schema's meta names the GraphQL type it becomes.
 */

/** An identifier: 1 to 200 characters, none of them a control character or half of a surrogate pair; case counts. */
export const Id = z
  .string()
  .min(1, 'must not be empty')
  .max(limits.idLengthMax, `must have at most ${limits.idLengthMax} characters`)
  // Half a surrogate pair has no form in UTF-8: two such ids would be one on disk.
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters or halves of characters')
  .meta({ graphql: 'ID' });

/** An exact decimal number: "12.50" outside, a {@link DecimalValue} inside, never a float. */
export const Decimal = z
  .codec(z.string(), z.custom<DecimalValue>(Number.isSafeInteger), {
    decode: (text, context) => {
      const value = readDecimal(text);
      if (value !== undefined) return value;
      context.issues.push({
        code: 'custom',
        input: text,
        message: 'must be a decimal number such as "12.50", with at most 4 fraction digits',
      });
      return z.NEVER;
    },
    encode: formatDecimal,
  })
  .meta({ graphql: 'Decimal' });

export type Decimal = DecimalValue;

const rfc3339 = z.iso.datetime({ offset: true });

/** A moment, to the millisecond: RFC 3339 outside, a `Date` inside. */
export const Instant = z
  .codec(z.string(), z.date(), {
    decode: (text, context) => {
      if (rfc3339.safeParse(text).success) return new Date(text);
      context.issues.push({ code: 'custom', input: text, message: 'must be a date and time such as "2010-12-01T08:26:00Z"' });
      return z.NEVER;
    },
    encode: (date) => date.toISOString(),
  })
  .meta({ graphql: 'DateTime' });
