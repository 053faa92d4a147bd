/**
 * A number's place in an order that is not its own, as a client's random ids have none; each its own. Ids that come in order are kinder to an
 * index than what clients send.
 */
export const scattered = (n: number): string => ((n * 2_654_435_761) % 2 ** 32).toString(36);

/** Commands that were acknowledged: a prefix with each number from 1 to the count, scattered or not; or their very ids. */
export type Acknowledged = readonly string[] | { readonly prefix: string; readonly count: number; readonly isScattered?: boolean };

/** The ids of commands. */
export function* idsOf(acknowledged: Acknowledged): Generator<string> {
  if ('prefix' in acknowledged) {
    const { prefix, count, isScattered } = acknowledged;
    for (let n = 1; n <= count; n++) yield `${prefix}${isScattered ? scattered(n) : n}`;
  } else yield* acknowledged;
}
