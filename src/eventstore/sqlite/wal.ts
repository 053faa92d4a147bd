import { closeSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import type Database from 'better-sqlite3';

/** A place in a write-ahead log that is not what was written, though commits come after it. */
export interface WalDamage {
  /** Which frame it is, from 1; 0: the header of the whole. */
  readonly frame: number;
  /** Where it begins in the file, in bytes. */
  readonly at: number;
}

/** What a write-ahead log begins with. */
export const walHeaderBytes = 32;
/** What stands before each page of it. */
export const frameHeaderBytes = 24;

/** The two words of a checksum, which each frame carries on from the one before it. */
type Sum = readonly [number, number];

/**
 * Looks for damage that SQLite passes over: it reads a write-ahead log up to the first frame whose checksum is wrong, takes that for the end, and writes over
 * what comes after it, so one flipped bit loses every later commit. Where the last commit was cut off by a crash that is right. But the writer begins
 * a commit only when the one before it is synced; so where a commit behind the wrong frame has one more behind it, what lies between was
 * acknowledged. Only damage in the last commit cannot be told from a crash.
 *
 * Read twice, for a server may be writing: what it was just about to write the first time is there the second time.
 */
export function walDamage(db: Database.Database): WalDamage | undefined {
  const first = damageIn(db);
  if (!first) return undefined;
  const second = damageIn(db);
  return second && second.frame === first.frame && second.salts === first.salts ? { frame: first.frame, at: first.at } : undefined;
}

/** Says of damage where it is, and at which position the log would end by it. */
export function whyWalEnds({ frame, at }: WalDamage, db: Database.Database): string {
  // The commit that made the table may stand in what is lost.
  const hasEvents = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'events'").get() !== undefined;
  const last = hasEvents ? (db.prepare<[], number | null>('SELECT max(position) FROM events').pluck().get() ?? 0) : 0;
  const place = frame === 0 ? 'the header' : `frame ${frame}`;
  return `${place} of its write-ahead log, at byte ${at}, is not what was written, and commits stand behind it: without them the log ends at position ${last}`;
}

type Found = WalDamage & { readonly salts: string };

/** The main file is asked by SQLite alone: whoever closes a file of his own takes away the locks that this process has on it. */
function damageIn(db: Database.Database): Found | undefined {
  const wal = openIfThere(`${db.name}-wal`);
  if (wal === undefined) return undefined;
  try {
    return new Walk(wal, Number(db.pragma('page_size', { simple: true }))).damage();
  } finally {
    closeSync(wal);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return undefined;
    throw fault;
  }
}

/** One reading of a write-ahead log, from its beginning (https://www.sqlite.org/fileformat2.html#the_write_ahead_log). */
class Walk {
  readonly #wal: number;
  readonly #frame: Buffer;
  readonly #header = Buffer.alloc(walHeaderBytes);
  /** Checksums are of words, of which the header says which end comes first: that of the machine that made it. */
  #isLittle = endianness() === 'LE';

  constructor(wal: number, pageBytes: number) {
    this.#wal = wal;
    this.#frame = Buffer.alloc(frameHeaderBytes + pageBytes);
  }

  damage(): Found | undefined {
    if (readSync(this.#wal, this.#header, 0, walHeaderBytes, 0) < walHeaderBytes) return undefined;
    // This machine's own order last, so that it stays where neither fits.
    const isHeaderWell = this.#isHeaderWell(!this.#isLittle) || this.#isHeaderWell(!this.#isLittle);
    let salts = isHeaderWell ? saltsIn(this.#header, 16) : undefined;
    let bad: WalDamage | undefined = isHeaderWell ? undefined : { frame: 0, at: 0 };
    // What the next frame's checksum may be carried on from: what the one before it carries, or what it should carry.
    let from: readonly Sum[] = [storedIn(this.#header, 24), this.#sumOf([0, 0], this.#header, 0, 24)];
    let isBehindCommit = false;
    for (let number = 1; this.#read(number); number += 1) {
      salts ??= saltsIn(this.#frame, 8);
      const isOfNow = saltsIn(this.#frame, 8) === salts;
      const own = storedIn(this.#frame, 16);
      const sums = isOfNow || !bad ? from.map((before) => this.#sumOfFrame(before)) : [];
      const isNext = isOfNow && sums.some((one) => isSame(one, own));
      if (bad && isNext && isBehindCommit) return { ...bad, salts };
      if (!bad && !isNext) bad = { frame: number, at: this.#placeOf(number) };
      from = bad ? [own, ...sums.slice(0, 1)] : [own];
      isBehindCommit = this.#frame.readUInt32BE(4) !== 0;
    }
    return undefined;
  }

  /** Tries one order of bytes, and stays with it. */
  #isHeaderWell(isLittle: boolean): boolean {
    this.#isLittle = isLittle;
    const isOurs = this.#header.readUInt32BE(0) === (isLittle ? 0x377f0682 : 0x377f0683);
    return isOurs && isSame(this.#sumOf([0, 0], this.#header, 0, 24), storedIn(this.#header, 24));
  }

  #placeOf(number: number): number {
    return walHeaderBytes + (number - 1) * this.#frame.length;
  }

  #read(number: number): boolean {
    return readSync(this.#wal, this.#frame, 0, this.#frame.length, this.#placeOf(number)) === this.#frame.length;
  }

  /** Of the page's number, how large a commit leaves the file, and the page; not of the salts. */
  #sumOfFrame(before: Sum): Sum {
    return this.#sumOf(this.#sumOf(before, this.#frame, 0, 8), this.#frame, frameHeaderBytes, this.#frame.length);
  }

  #sumOf([first, second]: Sum, bytes: Buffer, from: number, to: number): Sum {
    let [a, b] = [first, second];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const isLittle = this.#isLittle;
    for (let at = from; at < to; at += 8) {
      a = (a + view.getUint32(at, isLittle) + b) | 0;
      b = (b + view.getUint32(at + 4, isLittle) + a) | 0;
    }
    return [a >>> 0, b >>> 0];
  }
}

const storedIn = (bytes: Buffer, at: number): Sum => [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
const saltsIn = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, at + 8);
const isSame = (a: Sum, b: Sum): boolean => a[0] === b[0] && a[1] === b[1];
