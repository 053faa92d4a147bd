import { add, type Decimal, formatDecimal, times } from '#varve';
import { shopLimits } from '../limits.ts';

/** What every line says, in an input and in each event. */
interface Units {
  readonly sku: string;
  readonly quantity: number;
}

interface Priced {
  readonly quantity: number;
  readonly unitPrice: Decimal;
}

/** Units in an order's lines, of all products or of one. */
export function unitsOf(lines: readonly Units[], sku?: string): number {
  return lines.reduce((sum, line) => (sku === undefined || line.sku === sku ? sum + line.quantity : sum), 0);
}

/** Units of each product, in the order of its first line: real orders name one product in several lines. */
export function unitsBySku(lines: readonly Units[]): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return units;
}

/** What a line comes to. */
export const amountOf = ({ quantity, unitPrice }: Priced): Decimal => times(unitPrice, quantity);

/** What lines come to together. */
export const totalOf = (lines: readonly Priced[]): Decimal => add(...lines.map(amountOf));

/** Why priced lines are too much for one order, in words that follow "lines"; undefined where they are not. */
export function linesFault(lines: readonly (Units & Priced)[]): string | undefined {
  const { orderTotalMax, orderLinesJsonBytesMax } = shopLimits;
  // Line by line first, and not yet as decimals: only then is it sure that the sum is in a decimal's range.
  const beyond = lines.some(({ quantity, unitPrice }) => unitPrice * quantity > orderTotalMax) || totalOf(lines) > orderTotalMax;
  if (beyond) return `must not come to more than ${formatDecimal(orderTotalMax)}`;
  return Buffer.byteLength(JSON.stringify(lines)) > orderLinesJsonBytesMax
    ? 'have SKUs and names too long for one order: place several'
    : undefined;
}
