import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { toldOfRebuild } from './progress.ts';

/** What a terminal is shown of a rebuild. */
function shown(...progress: readonly { readonly done: number; readonly total: number }[]): string {
  let text = '';
  const terminal = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      done();
    },
  });
  const told = toldOfRebuild(pino({ level: 'silent' }), { check: () => {} }, Object.assign(terminal, { isTTY: true }));
  for (const one of progress) told(['orders'], one);
  return text;
}

test('a new log, which has nothing to fold, shows no bar', () => {
  expect(shown({ done: 0, total: 0 })).toBe('');
  expect(shown({ done: 1, total: 2 }, { done: 2, total: 2 })).toContain('Rebuilding orders');
});
