import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Position } from '#base';
import { type End, exportPages } from '#eventstore';
import type { Interruption } from './interruption.ts';
import { logFile } from './place.ts';
import type { ShowProgress } from './progress.ts';
import { wholeFile } from './wholefile.ts';

/** What an operator may set of an export. */
export interface ExportFlags {
  readonly data: string;
  readonly from?: Position | undefined;
  readonly gzip?: boolean | undefined;
  readonly force?: boolean | undefined;
}

/** Where an export goes: a file's name, or a stream that is left open. */
export type Destination = string | NodeJS.WritableStream;

/** Writes the log of a data folder as lines of JSON, beside a server that goes on. Answers what its last line says. */
export function exportLog(to: Destination, flags: ExportFlags, show: ShowProgress, interruption: Interruption): Promise<End> {
  const told = { show, interruption };
  if (typeof to !== 'string') return write(to, flags, told);
  const packed = { ...flags, gzip: flags.gzip === true || to.endsWith('.gz') };
  return wholeFile(to, (making) => write(createWriteStream(making), packed, told), { force: flags.force });
}

interface Told {
  readonly show: ShowProgress;
  readonly interruption: Interruption;
}

async function write(to: NodeJS.WritableStream, { data, from, gzip }: ExportFlags, { show, interruption }: Told): Promise<End> {
  let end: End | undefined;
  function* text(): Generator<string> {
    for (const page of exportPages(logFile(data), from)) {
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
