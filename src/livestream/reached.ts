import { parsePosition, VarveError } from '#base';
import type { Reached } from '#readtable';

/** Where a reader goes on. `anew`: where the stream begins, whatever the reader asked for at first, for it has thrown away what it had. */
export type GoingOn = Reached | 'anew';

/** A place as text, such as `42`; in the middle of a position's messages `42:KEY`, the key percent-encoded. It holds no blank and no line break. */
export function formatReached(place: GoingOn): string {
  if (place === 'anew') return place;
  const { position, key } = place;
  return key === undefined ? String(position) : `${position}:${encodeURIComponent(key)}`;
}

/** Reads what {@link formatReached} wrote. Throws `BAD_POSITION`. */
export function parseReached(text: string): GoingOn {
  if (text === 'anew') return text;
  const [digits = '', ...rest] = text.split(':');
  const position = parsePosition(digits);
  return rest.length === 0 ? { position } : { position, key: decoded(rest.join(':')) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new VarveError({
      code: 'BAD_POSITION',
      message: `${JSON.stringify(text.slice(0, 40))} is no key in a place that this server gave.`,
      hint: 'Send back the id of the last event as the server gave it.',
      cause,
    });
  }
}
