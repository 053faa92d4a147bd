import { limits, type Position, parsePosition } from '#base';
import { fault } from './faults.ts';

/** The header by which a request demands to see at least a position. */
export const atLeastHeader = 'varve-at-least';

/**
 * Waits until the position in the header is reached; without the header, not at all. Throws `BAD_POSITION`, and
 * `POSITION_NOT_REACHED` after `limits.atLeastWaitMs`.
 */
export async function reachAtLeast(
  header: string | string[] | undefined,
  waitFor: (position: Position, timeoutMs: number) => Promise<boolean>,
): Promise<void> {
  if (header === undefined) return;
  const position = parsePosition(String(header));
  if (await waitFor(position, limits.atLeastWaitMs)) return;
  throw fault('POSITION_NOT_REACHED', `Position ${position} was not reached within ${limits.atLeastWaitMs / 1_000} s.`);
}
