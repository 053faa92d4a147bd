import type { Head } from '#eventstore';
import type { Verified } from './verify.ts';

/** As `varve head` prints it. */
export const headText = ({ position, hash }: Head): string => `${position}:${hash ?? ''}`;

/** What was found, a line each, and how much more of each kind there was. */
export function* findingLines({ findings, counts }: Pick<Verified, 'findings' | 'counts'>): Generator<string> {
  for (const { level, code, message } of findings) yield `${level} ${code}: ${message}`;
  for (const [code, count] of Object.entries(counts)) {
    const more = count - findings.filter((one) => one.code === code).length;
    if (more > 0) yield `and ${more} more ${code}`;
  }
}

/** `1 row`, `2 rows`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
