import { assert } from './assert.ts';

declare const decimal: unique symbol;

/**
 * An exact decimal number, kept as an integer count of ten-thousandths: 12.50 is 125000.
 * Its range is that of a safe integer: ±900,719,925,474.0991. Sums and products outside it are a bug
 * and throw; the limits on input keep honest use far inside.
 */
export type Decimal = number & { readonly [decimal]: true };

const unitsPerOne = 10_000;
/** What the digits of a text count, by how many of them are behind the point. */
const scales = [10_000, 1_000, 100, 10, 1];
const pattern = /^-?(0|[1-9]\d{0,11})(\.\d{1,4})?$/;

/** Zero. */
export const zero = 0 as Decimal;

const checked = (units: number): Decimal => {
  assert(Number.isSafeInteger(units), 'A decimal left its range of ±900,719,925,474.0991.', 'Lower the limits on price and quantity.');
  return (units === 0 ? 0 : units) as Decimal;
};

/** "12.5" → 12.5 exactly; undefined where the text is no decimal of at most 4 fraction digits, or out of range. */
export function readDecimal(text: string): Decimal | undefined {
  if (!pattern.test(text)) return undefined;
  const point = text.indexOf('.');
  const digits = point < 0 ? text : text.slice(0, point) + text.slice(point + 1);
  const units = Number(digits) * (scales[point < 0 ? 0 : text.length - point - 1] ?? Number.NaN);
  return Number.isSafeInteger(units) ? checked(units) : undefined;
}

/** The same for a text that is known to be a decimal; another is a bug and throws. */
export function parseDecimal(text: string): Decimal {
  const value = readDecimal(text);
  assert(value !== undefined, `${JSON.stringify(text)} is no decimal of at most 4 fraction digits.`);
  return value;
}

/** An answer may have hundreds of decimals: from a list they are written three times as fast as by padding and cutting. */
const twoDigits = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));

/** 12.5 → "12.50": at least 2 fraction digits, at most 4. */
export function formatDecimal(value: Decimal): string {
  const size = Math.abs(value);
  const fraction = size % unitsPerOne;
  const behind = fraction % 100;
  const least = behind === 0 ? '' : behind % 10 === 0 ? behind / 10 : twoDigits[behind];
  return `${value < 0 ? '-' : ''}${(size - fraction) / unitsPerOne}.${twoDigits[(fraction - behind) / 100]}${least}`;
}

/** The exact sum. */
export function add(...values: readonly Decimal[]): Decimal {
  return values.reduce((sum, value) => checked(sum + value), zero);
}

/** The exact difference. */
export function subtract(a: Decimal, b: Decimal): Decimal {
  return checked(a - b);
}

/** The exact product with a whole number. */
export function times(value: Decimal, count: number): Decimal {
  assert(Number.isSafeInteger(count), 'A decimal is multiplied by whole numbers only.');
  return checked(value * count);
}
