/**
 * The order of keys within a position, everywhere: by code point, as SQLite orders text by its UTF-8. (JavaScript's `<` goes by
 * code unit, and puts U+1F600 before U+FFFD.) Keys are well-formed.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [unit, other] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (unit !== other) return rank(unit) - rank(other);
  }
  return a.length - b.length;
}

/** Surrogates stand for the code points above all that one unit can say. */
const rank = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
