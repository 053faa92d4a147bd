import { VarveError } from './errors.ts';

/** A place in the log, contiguous from 1; 0 stands before the first event. */
export type Position = number;

/** Reads a position as clients send it: digits, no sign, no leading zero. Throws `BAD_POSITION`. */
export function parsePosition(text: string): Position {
  const position = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(position)) {
    throw new VarveError({
      code: 'BAD_POSITION',
      message: `A position is digits, such as "42"; ${JSON.stringify(text.slice(0, 40))} is none.`,
      hint: 'Send back a position as the server gave it.',
    });
  }
  return position;
}
