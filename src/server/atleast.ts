import { limits, type Position, parsePosition } from '#base';
import { fault } from './faults.ts';

/** The header by which a request demands to see at least a position. */
export const atLeastHeader = 'varve-at-least';

/**
 * Waits until the log has reached the position in the header, and answers it; without the header, not at all. Throws `BAD_POSITION`, and
 * `POSITION_NOT_REACHED` after `limits.atLeastWaitMs`.
 */
export async function reachAtLeast(
  header: string | string[] | undefined,
  waitFor: (position: Position, timeoutMs: number) => Promise<boolean>,
): Promise<Position | undefined> {
  if (header === undefined) return undefined;
  const position = parsePosition(String(header));
  if (await waitFor(position, limits.atLeastWaitMs)) return position;
  throw fault('POSITION_NOT_REACHED', `Position ${position} was not reached within ${limits.atLeastWaitMs / 1_000} s.`);
}
