import { VarveError } from '#base';
import type { Stored } from '../encoding.ts';

/** PostgreSQL's texts have no U+0000. (A list has: it is JSON, which writes it in six letters.) */
export const hasNul = (value: Stored): boolean => typeof value === 'string' && value.includes('\0');

/** What a value is looked for as: no row has one that cannot be stored, and nothing equals null. */
export const soughtFor = (value: Stored): Stored => (hasNul(value) ? null : value);

/** Refuses a value that PostgreSQL cannot store. Throws `TEXT_NOT_STORABLE`. */
export function assertStorable(value: Stored, table: string, column: string): void {
  if (!hasNul(value)) return;
  throw new VarveError({
    code: 'TEXT_NOT_STORABLE',
    message: `A row of ${table} has the character U+0000 in ${column}, which PostgreSQL cannot store.`,
    hint: 'Let the command refuse such a text.',
  });
}
