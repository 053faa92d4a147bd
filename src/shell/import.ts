import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Application } from '#application';
import { textOf, VarveError } from '#base';
import { type Head, linesOf } from '#eventstore';
import type { Interruption } from './interruption.ts';
import type { Place } from './place.ts';
import type { ShowProgress } from './progress.ts';
import { inTarget, takeIn } from './taking.ts';

/** An exported log's bytes, and how many there are, where that is known. */
export interface Source {
  readonly bytes: Readable;
  /** How many were read, and of how many. */
  readonly progress?: () => readonly [done: number, total: number];
}

/** Opens an exported log to be read. Throws `CANNOT_READ_FILE`. */
export async function openExport(file: string): Promise<Source> {
  try {
    const handle = await open(file);
    const { size } = await handle.stat();
    const bytes = handle.createReadStream();
    return { bytes, progress: () => [bytes.bytesRead, size] };
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

/**
 * Takes an exported log into a place that holds none: see {@link takeIn}. Throws what that and opening the place throw.
 */
export async function importLog(
  application: Application,
  source: Source,
  place: Place,
  show: ShowProgress,
  interruption: Interruption,
): Promise<Head> {
  const lines = told(source, show, interruption);
  try {
    return await inTarget(application, place, 'varve import', (target) => takeIn({ application, target, lines, show, interruption }));
  } finally {
    source.bytes.destroy();
  }
}

/** Lines between two looks at whether to stop. */
const lookLines = 1_000;

async function* told({ bytes, progress }: Source, show: ShowProgress, interruption: Interruption): AsyncGenerator<string> {
  let lines = 0;
  for await (const line of linesOf(bytes)) {
    yield line;
    lines += 1;
    if (lines % lookLines !== 0) continue;
    interruption.check();
    if (!progress) continue;
    const [done, total] = progress();
    show({ title: 'Importing', unit: 'bytes', done, total });
  }
}

const cannotRead = (file: string, cause: unknown) =>
  new VarveError({
    code: 'CANNOT_READ_FILE',
    message: `${file} cannot be read: ${textOf(cause)}.`,
    hint: 'Give the path of a file that `varve export` wrote.',
    cause,
  });
