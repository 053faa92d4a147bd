import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '#base';
import { linesOf } from './bytes.ts';

async function all(bytes: Readable): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(bytes)) lines.push(line);
  return lines;
}

const read = (...chunks: readonly Uint8Array[]) => all(Readable.from(chunks.map((chunk) => Buffer.from(chunk))));

/** Some bytes in chunks of some length. */
const cut = (bytes: Buffer, length: number) =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) => bytes.subarray(i * length, (i + 1) * length));

test('lines come as they were written, however their bytes come, packed or not', async () => {
  const lines = fc.array(fc.string({ unit: 'grapheme', minLength: 1 }).filter((line) => !line.includes('\n')));
  await fc.assert(
    fc.asyncProperty(lines, fc.integer({ min: 1, max: 20 }), fc.boolean(), async (written, length, packed) => {
      const bytes = Buffer.from(written.map((line) => `${line}\n`).join(''));
      expect(await read(...cut(packed ? gzipSync(bytes) : bytes, length))).toEqual(written);
    }),
  );
});

test('the last line may lack its line break', async () => {
  expect(await read(Buffer.from('a\nb'))).toEqual(['a', 'b']);
});

test('a line has as many bytes as it may have, and no more', async () => {
  const longest = Buffer.alloc(limits.importLineBytesMax, 'x');
  expect((await read(Buffer.from('a\n'), longest, Buffer.from('\n'))).map((line) => line.length)).toEqual([1, limits.importLineBytesMax]);
  const tooLong = read(Buffer.from('a\n'), longest, Buffer.from('x'));
  await expect(tooLong).rejects.toMatchObject({ code: 'IMPORT_BROKEN', message: expect.stringContaining('Line 2 ') });
});

test('what is no UTF-8 is named by its line', async () => {
  const broken = read(Buffer.from('a\n'), Buffer.from([0x61, 0xff, 0x0a]));
  await expect(broken).rejects.toMatchObject({ code: 'IMPORT_BROKEN', message: expect.stringMatching(/^Line 2 .*UTF-8/) });
});

test.each([
  ['cut off', (bytes: Buffer) => bytes.subarray(0, -4)],
  ['changed', (bytes: Buffer) => bytes.fill(0x55, 20, 60)],
])('what gzip packed and was %s is told', async (_, change) => {
  const bytes = change(gzipSync(Buffer.from(Array.from({ length: 1_000 }, (_, i) => `${i * 7_919}\n`).join(''))));
  await expect(read(bytes)).rejects.toMatchObject({ code: 'IMPORT_BROKEN', message: expect.stringContaining('gzip') });
});

test('what reading throws comes as it is', async () => {
  const failing = new Error('the disk is gone');
  const bytes = new Readable({ read: () => bytes.destroy(failing) });
  await expect(all(bytes)).rejects.toBe(failing);
});
