import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { limits } from '#base';
import { importBroken } from './walk.ts';

const gzipMagic = Buffer.from([0x1f, 0x8b]);
const lineBreak = 0x0a;

/**
 * The lines of a file's bytes, which may be packed by gzip: its first bytes tell. Throws `IMPORT_BROKEN` where a line is longer than
 * `limits.importLineBytesMax` or no UTF-8, or where what was packed is damaged or cut off; and as it is, what reading throws.
 */
export async function* linesOf(bytes: Readable): AsyncGenerator<string> {
  let count = 0;
  try {
    for await (const line of split(await unpacked(bytes))) {
      count += 1;
      yield decoded(line, count);
    }
  } catch (fault) {
    if (isOfGzip(fault)) throw importBroken(count + 1, 'what gzip packed ends there or is damaged', fault);
    throw fault;
  }
}

const isOfGzip = (fault: unknown) => fault instanceof Error && 'code' in fault && /^Z_/.test(String(fault.code));

async function unpacked(bytes: Readable): Promise<AsyncIterable<Buffer>> {
  const chunks = bytes[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let start = Buffer.alloc(0);
  while (start.length < gzipMagic.length) {
    const { value, done } = await chunks.next();
    if (done === true) break;
    start = Buffer.concat([start, value]);
  }
  const all = joined(start, chunks);
  if (!start.subarray(0, gzipMagic.length).equals(gzipMagic)) return all;
  const source = Readable.from(all, { objectMode: false });
  const gunzip = createGunzip();
  source.once('error', (fault) => gunzip.destroy(fault));
  return source.pipe(gunzip);
}

async function* joined(start: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield start;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
}

async function* split(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  let count = 1;
  const add = (part: Buffer) => {
    parts.push(part);
    length += part.length;
    if (length > limits.importLineBytesMax) throw importBroken(count, `it has more than ${limits.importLineBytesMax} bytes`);
  };
  for await (const chunk of chunks) {
    let at = 0;
    for (let end = chunk.indexOf(lineBreak); end >= 0; end = chunk.indexOf(lineBreak, at)) {
      add(chunk.subarray(at, end));
      yield parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
      [parts, length, at] = [[], 0, end + 1];
      count += 1;
    }
    if (at < chunk.length) add(chunk.subarray(at));
  }
  if (length > 0) yield Buffer.concat(parts);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decoded(line: Buffer, count: number): string {
  try {
    return utf8.decode(line);
  } catch (cause) {
    throw importBroken(count, 'it is no UTF-8', cause);
  }
}
