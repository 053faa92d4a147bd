import { assert } from './assert.ts';

declare const decimal: unique symbol;

/**
 * An exact decimal number, kept as an integer count of ten-thousandths: 12.50 is 125000.
 * Its range is that of a safe integer: ±900,719,925,474.0991. Sums and products outside it are a bug
 * and throw; the limits on input keep honest use far inside.
 */
export type Decimal = number & { readonly [decimal]: true };

const unitsPerOne = 10_000;
const pattern = /^-?(0|[1-9]\d{0,11})(\.\d{1,4})?$/;

/** Zero. */
export const zero = 0 as Decimal;

const checked = (units: number): Decimal => {
  assert(Number.isSafeInteger(units), 'A decimal left its range of ±900,719,925,474.0991.', 'Lower the limits on price and quantity.');
  return (units === 0 ? 0 : units) as Decimal;
};

/** True where the text is a decimal of at most 4 fraction digits and in range. */
export function isDecimal(text: string): boolean {
  return pattern.test(text) && Number.isSafeInteger(units(text));
}

function units(text: string): number {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const size = Number(whole) * unitsPerOne + Number(fraction.padEnd(4, '0'));
  return text.startsWith('-') ? -size : size;
}

/** "12.5" → 12.5 exactly. Throws where {@link isDecimal} is false. */
export function parseDecimal(text: string): Decimal {
  assert(pattern.test(text), `${JSON.stringify(text)} is no decimal of at most 4 fraction digits.`);
  return checked(units(text));
}

/** 12.5 → "12.50": at least 2 fraction digits, at most 4. */
export function formatDecimal(value: Decimal): string {
  const size = Math.abs(value);
  const fraction = String(size % unitsPerOne)
    .padStart(4, '0')
    .replace(/0{1,2}$/, '');
  return `${value < 0 ? '-' : ''}${Math.floor(size / unitsPerOne)}.${fraction}`;
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
