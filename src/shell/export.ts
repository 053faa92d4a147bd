import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Position } from '#base';
import { type End, exportPages } from '#eventstore';
import type { Interruption } from './interruption.ts';
import type { Place } from './place.ts';
import type { ShowProgress } from './progress.ts';
import { openExport } from './sources.ts';
import { wholeFile } from './wholefile.ts';

/** What an operator may set of an export. */
export interface ExportFlags {
  readonly from?: Position | undefined;
  readonly gzip?: boolean | undefined;
  readonly force?: boolean | undefined;
}

/** Where an export goes: a file's name, or a stream that is left open. */
export type Destination = string | NodeJS.WritableStream;

/** Writes a log as lines of JSON, beside a server that goes on. Answers what its last line says. */
export function exportLog(
  to: Destination,
  { place, ...flags }: ExportFlags & { readonly place: Place },
  show: ShowProgress,
  interruption: Interruption,
): Promise<End> {
  const told = { place, show, interruption };
  if (typeof to !== 'string') return write(to, flags, told);
  const packed = { ...flags, gzip: flags.gzip === true || to.endsWith('.gz') };
  return wholeFile(to, (making) => write(createWriteStream(making), packed, told), { force: flags.force });
}

interface Told {
  readonly place: Place;
  readonly show: ShowProgress;
  readonly interruption: Interruption;
}

async function write(to: NodeJS.WritableStream, { from, gzip }: ExportFlags, { place, show, interruption }: Told): Promise<End> {
  let end: End | undefined;
  async function* text(): AsyncGenerator<string> {
    for await (const page of exportPages(await openExport(place, from))) {
      interruption.check();
      show({ title: 'Exporting', unit: 'events', done: page.done, total: page.total });
      ({ end } = page);
      if (page.lines.length > 0) yield page.lines.join('');
    }
  }
  const lines = Readable.from(text(), { objectMode: false });
  await (gzip === true ? pipeline(lines, createGzip(), to) : pipeline(lines, to));
  if (end === undefined) throw new Error('An export has ended without its last line.');
  return end;
}
