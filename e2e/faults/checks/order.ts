import type { Position } from '#base';
import type { Finding, Run } from '../finding.ts';
import type { History, Tick } from '../history.ts';
import { isAcknowledged, tracesOf } from './traces.ts';

/** What answers showed, and when: the log was at least there. */
class Floor {
  readonly #ticks: Tick[] = [];
  readonly #positions: Position[] = [];

  constructor(shown: readonly (readonly [Tick, Position])[]) {
    let highest = 0;
    for (const [tick, position] of shown.toSorted(([a], [b]) => a - b)) {
      highest = Math.max(highest, position);
      this.#ticks.push(tick);
      this.#positions.push(highest);
    }
  }

  /** The highest position that was shown before a moment. */
  before(tick: Tick): Position {
    let [low, high] = [0, this.#ticks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ticks[middle] ?? 0) < tick) low = middle + 1;
      else high = middle;
    }
    return this.#positions[low - 1] ?? 0;
  }
}

function shownIn({ sendings, reads, heard }: Pick<History, 'sendings' | 'reads' | 'heard'>): readonly (readonly [Tick, Position])[] {
  return [
    ...sendings.filter(isAcknowledged).map(({ answer }) => [answer.at, answer.position] as const),
    ...reads.map(({ answeredAt, position }) => [answeredAt, position] as const),
    ...heard.flatMap(({ seen = [] }) => seen.map(({ at, position }) => [at, position] as const)),
  ];
}

/** The order of positions is one in which things can have happened: whatever begins after an answer comes after what it showed. */
export function* checkOrder(run: Run): Iterable<Finding> {
  const floor = new Floor(shownIn(run.history));
  for (const { commandId, sendings, events, receipt } of tracesOf(run)) {
    // What was refused left nothing: it took effect when it was sent again.
    const sending = sendings.find(({ answer }) => answer.is !== 'refused');
    const [event] = events;
    if (!sending) continue;
    const shown = floor.before(sending.sentAt);
    if (event && event.position <= shown)
      yield {
        code: 'ORDER_BROKEN',
        message: `${commandId} stands at position ${event.position}; when it was sent, the log was at ${shown} already.`,
      };
    if (!event && receipt && receipt.position < shown)
      yield {
        code: 'ORDER_BROKEN',
        message: `${commandId} is said to have found the log at ${receipt.position}, when it was at ${shown} already.`,
      };
  }
}

/** A read sees no less than its session has, than anyone had been shown when it was sent, and than it demands. */
export function* checkReads({ history }: Run): Iterable<Finding> {
  const everyone = new Floor(shownIn(history));
  const sendings = Map.groupBy(history.sendings, ({ session }) => session);
  const sessions = Map.groupBy(history.reads, ({ session }) => session);
  for (const [session, reads] of sessions) {
    const own = new Floor(shownIn({ sendings: sendings.get(session) ?? [], reads, heard: [] }));
    for (const { sentAt, position, atLeast } of reads) {
      const seen = own.before(sentAt);
      const shown = everyone.before(sentAt);
      if (position < seen) yield { code: 'SESSION_WENT_BACK', message: `${session} had seen position ${seen}, and then read ${position}.` };
      else if (position < shown)
        yield { code: 'READ_STALE', message: `${session} read position ${position} when others had been shown ${shown} already.` };
      if (position < atLeast) yield { code: 'READ_BELOW_DEMAND', message: `${session} demanded position ${atLeast} and read ${position}.` };
    }
  }
}
