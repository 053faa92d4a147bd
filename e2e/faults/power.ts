import { join } from 'node:path';
import { pause } from '../load.ts';
import { aftermathOf } from './aftermath.ts';
import { type Dice, diceOf } from './dice.ts';
import { hear, nothingTold, type Settings, startWriter, type Told, type WriterProcess } from './lives.ts';
import { type LoopDisk, loopDisk } from './loopdisk.ts';

/** What a campaign of power cuts is to be. */
export interface PowerPlan {
  readonly seed: number;
  readonly cuts: number;
  readonly settings?: Settings;
  /** Told after each cut. */
  readonly onCut?: (tally: PowerTally) => void;
}

/** What came of it. */
export interface PowerTally {
  readonly cuts: number;
  /** Commands that were answered as accepted before the cut. */
  readonly accepted: number;
  readonly refused: number;
  /** Commands that were under way at a cut, or answered with a fault: of them, those that were there when the power was back. */
  readonly unknown: number;
  readonly unknownThere: number;
  /** Accepted commands that are not there, or not where they were said to be. */
  readonly lost: number;
  /** What is wrong, in words, with the cut at which it was found: the campaign ends there. */
  readonly faults: readonly string[];
}

/** A disk is worn out after so many cuts: its log grows, and each look at it is of all that is in it. */
const cutsPerDisk = 25;
const diskMiB = 96;

/**
 * Cuts the power of a disk, again and again, while a program writes to it, kills the program, and looks at what is there when the power is back: every
 * command that was accepted, once, where it was said to be; and `verify` finds nothing. Ends at the first cut after which that is not so.
 */
export async function cutPower({ seed, cuts, settings, onCut }: PowerPlan): Promise<PowerTally> {
  const dice = diceOf(seed);
  // Some with a write-ahead log that is so short that most cuts meet it while it is written to the main file.
  const next = () => startWriter({ ...(dice.below(2) === 0 && { limits: { checkpointPages: 60 } }), ...settings });
  let tally: PowerTally = { cuts: 0, accepted: 0, refused: 0, unknown: 0, unknownThere: 0, lost: 0, faults: [] };
  let waiting = next();
  const goesOn = () => tally.cuts < cuts && tally.faults.length === 0;
  try {
    while (goesOn()) {
      using disk = loopDisk(diskMiB);
      const outages = new Outages(disk, dice);
      for (let i = 0; i < cutsPerDisk && goesOn(); i += 1) {
        const writer = await waiting;
        waiting = next();
        tally = plus(tally, await outages.one(writer, `${tally.cuts}`));
        onCut?.(tally);
      }
    }
    return tally;
  } finally {
    await (await waiting).kill();
  }
}

type Found = Omit<PowerTally, 'cuts'>;

function plus(tally: PowerTally, found: Found): PowerTally {
  const sum = (key: 'accepted' | 'refused' | 'unknown' | 'unknownThere' | 'lost') => tally[key] + found[key];
  return {
    cuts: tally.cuts + 1,
    accepted: sum('accepted'),
    refused: sum('refused'),
    unknown: sum('unknown'),
    unknownThere: sum('unknownThere'),
    lost: sum('lost'),
    faults: found.faults.map((fault) => `cut ${tally.cuts}: ${fault}`),
  };
}

/** The outages of one disk. */
class Outages {
  readonly #disk: LoopDisk;
  readonly #dice: Dice;
  readonly #folder: string;
  /** What was told in all lives on this disk. */
  readonly #told: Told = nothingTold();

  constructor(disk: LoopDisk, dice: Dice) {
    this.#disk = disk;
    this.#dice = dice;
    this.#folder = join(disk.path, 'data');
  }

  /** A life, its end, and what is there after it. */
  async one(writer: WriterProcess, name: string): Promise<Found> {
    const before = { accepted: this.#told.accepted.size, refused: this.#told.refused.size };
    writer.begin({ folder: this.#folder, name, lanes: 32, again: [...this.#told.unknown] });
    // One of five is cut off while it starts.
    if (this.#dice.below(5) > 0) await writer.says(/^\+ \d/m);
    await pause(this.#dice.below(150));
    // All that is in the pipe by now is read.
    await new Promise(setImmediate);
    const hasFailed = writer.hasEnded();
    const heard = writer.said().lastIndexOf('\n') + 1;
    this.#disk.cutPower();
    await writer.kill();
    this.#disk.restorePower();
    this.#hear(writer.said(), heard);
    const { there, lost, faults } = await aftermathOf(this.#folder, this.#told);
    const { accepted, refused, unknown } = this.#told;
    for (const id of there.keys()) if (!accepted.has(id)) unknown.add(id);
    return {
      accepted: accepted.size - before.accepted,
      refused: refused.size - before.refused,
      unknown: unknown.size,
      unknownThere: [...unknown].filter((id) => there.has(id)).length,
      lost,
      faults: hasFailed ? [`the program ended by itself: ${/^! .*/m.exec(writer.said())?.[0]}`, ...faults] : faults,
    };
  }

  /**
   * An answer that was not heard before the cut does not count as one: with a real cut nothing would come after it, while here a sync that was under way may
   * still end well, of what is on no disk.
   */
  #hear(said: string, heard: number): void {
    hear(this.#told, said.slice(0, heard));
    const late = nothingTold();
    hear(late, said.slice(heard));
    for (const id of late.refused) this.#told.refused.add(id);
    for (const id of [...late.accepted.keys(), ...late.unknown]) if (!this.#told.accepted.has(id)) this.#told.unknown.add(id);
  }
}
