import type { Dice } from './dice.ts';
import { hear, nothingTold, type Told } from './lives.ts';
import type { Step } from './torn-trace.ts';

/**
 * What becomes, at a power cut, of what was written and not yet synced:
 * - `all`: it has reached the disk, as if the program alone had been killed;
 * - `none`: nothing has;
 * - `some`: any of the writes has, whatever their order;
 * - `torn`: so, and of each any of its sectors.
 */
type Loss = (typeof losses)[number];
const losses = ['all', 'none', 'some', 'torn'] as const;

/** What a power cut may have left, and what had been said before it. */
export interface TornState {
  /** How many steps had been done. */
  readonly steps: number;
  readonly loss: Loss;
  /** The files of the folder, by name. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly told: Told;
}

/** A disk writes this much whole, or not at all. */
const sectorBytes = 512;

/**
 * A state that the disk may be in when the power is cut, at any moment of a trace. Half of them are of moments when the main file is written to: there are few
 * such, and they are the ones at which two files must agree.
 */
export function tornState(steps: readonly Step[], dice: Dice): TornState {
  const places = dice.below(2) === 0 ? [] : placesWithin(steps);
  const end = places.length > 0 ? (places[dice.below(places.length)] ?? 0) : dice.below(steps.length + 1);
  const loss = losses[dice.below(losses.length)] ?? 'torn';
  const done = steps.slice(0, end);
  const told = nothingTold();
  hear(told, done.map((step) => (step.kind === 'said' ? step.text : '')).join(''));
  return { steps: end, loss, files: filesAfter(done, loss, dice), told };
}

/** The moments within a checkpoint: after each write to the file that was made first, and that all others serve. */
const placesWithin = (steps: readonly Step[]): readonly number[] =>
  steps.flatMap((step, place) => (step.kind === 'write' && step.file === 0 ? [place + 1] : []));

function filesAfter(done: readonly Step[], loss: Loss, dice: Dice): ReadonlyMap<string, Buffer> {
  const synced = new Map<number, number>();
  let namesSynced = 0;
  for (const [place, step] of done.entries()) {
    if (step.kind === 'sync') synced.set(step.file, place);
    if (step.kind === 'syncnames') namesSynced = place;
  }
  const contents = new Map<number, Buffer>();
  for (const [place, step] of done.entries()) {
    if (step.kind !== 'write' && step.kind !== 'truncate') continue;
    const before = contents.get(step.file) ?? Buffer.alloc(0);
    const isSynced = place < (synced.get(step.file) ?? 0);
    contents.set(step.file, isSynced ? changed(before, step) : maybeChanged(before, step, loss, dice));
  }
  return named(done, namesSynced, loss, dice, contents);
}

type Change = Extract<Step, { kind: 'write' | 'truncate' }>;

function maybeChanged(before: Buffer, step: Change, loss: Loss, dice: Dice): Buffer {
  if (loss === 'all') return changed(before, step);
  if (loss === 'none' || dice.below(2) === 0) return before;
  return loss === 'some' || step.kind === 'truncate' ? changed(before, step) : torn(before, step, dice);
}

/** In place where there is room: nobody else has the bytes. */
function changed(before: Buffer, step: Change): Buffer {
  if (step.kind === 'truncate') return resized(before, step.size);
  const end = step.at + step.bytes.length;
  const after = end > before.length ? resized(before, end) : before;
  step.bytes.copy(after, step.at);
  return after;
}

function resized(bytes: Buffer, size: number): Buffer {
  const after = Buffer.alloc(size);
  bytes.copy(after);
  return after;
}

/** Some of the sectors of a write; the others are as they were, or nothing where the file did not reach so far. */
function torn(before: Buffer, step: Extract<Step, { kind: 'write' }>, dice: Dice): Buffer {
  const end = step.at + step.bytes.length;
  let after = before;
  for (let at = step.at; at < end; at = nextSector(at)) {
    if (dice.below(2) === 0) continue;
    const bytes = step.bytes.subarray(at - step.at, Math.min(nextSector(at), end) - step.at);
    after = changed(after, { ...step, at, bytes });
  }
  return after;
}

const nextSector = (at: number): number => (Math.floor(at / sectorBytes) + 1) * sectorBytes;

/** Names reach the disk in order; those after the last sync of the folder up to any of them. */
function named(
  done: readonly Step[],
  synced: number,
  loss: Loss,
  dice: Dice,
  contents: ReadonlyMap<number, Buffer>,
): ReadonlyMap<string, Buffer> {
  const some = synced + dice.below(done.length - synced + 1);
  const end = { all: done.length, none: synced, some, torn: some }[loss];
  const files = new Map<string, Buffer>();
  for (const step of done.slice(0, end)) {
    if (step.kind !== 'name') continue;
    if (step.file === undefined) files.delete(step.name);
    else files.set(step.name, contents.get(step.file) ?? Buffer.alloc(0));
  }
  return files;
}
