import { isDeepStrictEqual } from 'node:util';
import type { Position } from '#base';
import type { Reached } from '#readtable';

/** One message of a live stream, as its reader takes it. */
export interface Said {
  readonly kind: 'SNAPSHOT' | 'CHANGED' | 'REMOVED' | 'RESYNC' | 'EVENT';
  readonly position: Position;
  readonly key: string;
  /** What it says of the row or event, as plain data. */
  readonly what: unknown;
  /** The id of the event that made the change. */
  readonly cause: string | undefined;
}

/** All that a stream has to say, worked out from the log alone. */
export interface Script {
  /** In the order of position and key. */
  readonly changes: readonly Said[];
  /** How the stream begins at a position. */
  snapshot(position: Position, rowsMax: number): readonly Said[];
  /** It may say RESYNC. */
  readonly mayBeginAnew: boolean;
}

/**
 * What a reader is told, and how far it has come by then as it is said to it: it would go on from there. undefined: nowhere. Left out: it is not
 * said.
 */
export type Told = { readonly said: Said; readonly reached?: Reached | undefined } | { readonly reached: Reached };

/** One connection's reading, from its beginning until it was cut off. */
export interface Reading {
  readonly after: Reached | undefined;
  readonly rowsMax: number;
  /** Where the log was when it began. */
  readonly begunAt: Position;
  readonly told: readonly Told[];
}

/** The order of keys: that of their UTF-8. */
export const byKey = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * Holds a reading against what the stream has to say: every change from its start, once, in order; or interrupted only by RESYNC and then a
 * snapshot that is true. Throws what is wrong with it.
 */
export function follow(script: Script, reading: Reading): void {
  const trail = new Trail(script, reading);
  let heard = 0;
  try {
    for (const one of reading.told) {
      heard += 1;
      if ('said' in one) trail.hear(one.said);
      if (one.reached) trail.reach(one.reached);
      else if ('reached' in one) trail.beNowhere();
    }
  } catch (cause) {
    const told = reading.told.slice(0, heard).slice(-10);
    throw new Error(`${(cause as Error).message}\nThe reading until then: ${JSON.stringify({ ...reading, told })}`, { cause });
  }
}

class Trail {
  readonly #script: Script;
  readonly #rowsMax: number;
  /** The number of the change that is to come next; undefined where the stream has yet to begin. */
  #next: number | undefined;
  /** The stream cannot begin at an earlier position. */
  #least: Position;
  /** What of the snapshot is still to come; undefined where none of it has. */
  #rest: Said[] | undefined;

  constructor(script: Script, { after, rowsMax, begunAt }: Reading) {
    this.#script = script;
    this.#rowsMax = rowsMax;
    this.#least = begunAt;
    this.#next = after && this.#indexAfter(after);
  }

  hear(said: Said): void {
    if (said.kind === 'RESYNC') {
      demand(this.#script.mayBeginAnew, 'a RESYNC without a reason', said);
      demand(said.position >= this.#least, `a RESYNC from before ${this.#least}`, said);
      [this.#next, this.#rest, this.#least] = [undefined, undefined, said.position];
      demand(said.key === '' && said.what === null, 'a RESYNC is about the whole stream', said);
      // Without a snapshot it is all that is said of how things stand: the stream goes on from just there.
      const isBare = this.#rowsMax === 0 && this.#script.snapshot(said.position, 0).length === 0;
      if (isBare) this.#next = this.#indexAfter({ position: said.position });
    } else if (said.kind === 'SNAPSHOT') this.#hearSnapshot(said);
    else this.#hearChange(said);
  }

  /** Going on from there, a reader would hear just what it has not heard. */
  reach(reached: Reached): void {
    if (this.#next === undefined) {
      demand(this.#rest === undefined, 'a reader is said to be past a snapshot that it has only a part of', reached);
      this.#beginUnseen(reached.key === undefined ? reached.position : reached.position - 1);
    }
    demand(this.#indexAfter(reached) === this.#next, 'a reader is said to have come further, or less far, than it has', reached);
  }

  /** It could not go on from where it is. */
  beNowhere(): void {
    demand(this.#next === undefined, 'a reader is not told how far it has come');
  }

  #hearSnapshot(said: Said): void {
    demand(this.#next === undefined, 'a SNAPSHOT without a RESYNC', said);
    demand(said.position >= this.#least, `a snapshot from before ${this.#least}`, said);
    this.#rest ??= [...this.#script.snapshot(said.position, this.#rowsMax)];
    demandEqual(said, this.#rest.shift());
    if (this.#rest.length === 0) this.#next = this.#indexAfter({ position: said.position });
  }

  #hearChange(said: Said): void {
    if (this.#next === undefined) {
      demand(this.#rest === undefined, 'a change amid a snapshot', said);
      this.#beginUnseen(said.position - 1);
    }
    demandEqual(said, this.#script.changes[this.#next ?? 0]);
    this.#next = (this.#next ?? 0) + 1;
  }

  /** A snapshot of no rows cannot be heard: the stream may have begun at any position up to this one. */
  #beginUnseen(latest: Position): void {
    demand(latest >= this.#least, `the stream began before ${this.#least}`, latest);
    demand(this.#script.snapshot(latest, this.#rowsMax).length === 0, 'no SNAPSHOT came', latest);
    this.#next = this.#indexAfter({ position: latest });
  }

  #indexAfter({ position, key }: Reached): number {
    const { changes } = this.#script;
    const isPast = (change: Said) =>
      change.position > position || (change.position === position && key !== undefined && byKey(change.key, key) > 0);
    let [low, high] = [0, changes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const change = changes[middle];
      if (change && isPast(change)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function demandEqual(said: Said, expected: Said | undefined): void {
  demand(isDeepStrictEqual(said, expected), `${JSON.stringify(expected)} was to come instead of`, said);
}

function demand(holds: boolean, fault: string, about?: unknown): void {
  if (!holds) throw new Error(about === undefined ? fault : `${fault}: ${JSON.stringify(about)}`);
}
