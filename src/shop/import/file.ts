import { readFile, stat } from 'node:fs/promises';
import { VarveError } from '#varve';
import { importLimits } from './limits.ts';

/** A file's text; bytes that are not UTF-8 become U+FFFD. Throws `CANNOT_READ_FILE`, `FILE_TOO_LARGE`. */
export async function readText(file: string): Promise<string> {
  const { size } = await stat(file).catch((error: unknown) => unreadable(file, error));
  if (size > importLimits.fileBytesMax) {
    throw new VarveError({
      code: 'FILE_TOO_LARGE',
      message: `${file} has ${size} bytes; an import reads at most ${importLimits.fileBytesMax}.`,
      hint: 'Split it between two invoices, repeat the header line, and import the parts one after the other.',
    });
  }
  const bytes = await readFile(file).catch((error: unknown) => unreadable(file, error));
  return new TextDecoder().decode(bytes);
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'There is no file',
  EISDIR: 'That is a folder, not a file:',
  EACCES: 'There is no permission to read',
};

function unreadable(file: string, cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = `${sentences[code] ?? `Reading fails with ${code || String(cause)}:`} ${file}`;
  throw new VarveError({ code: 'CANNOT_READ_FILE', message, hint: 'Give the path of a CSV file that you may read.', cause });
}
