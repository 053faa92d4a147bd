import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEvent } from '../events.fixture.ts';
import { linesFrom, logOf } from './log.fixture.ts';
import { LinesWalk } from './walk.ts';

const folder = mkdtempSync(join(tmpdir(), 'varve-walk-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One command before the first event, three of an event, one of none, one of two: lines 1 receipt, 2–7, 8 receipt, 9–10, 11 receipt, 12 end. */
let lines: readonly string[] = [];
beforeAll(async () => {
  const file = join(folder, 'varve.db');
  const one = (commandId: string) => ({ commandId, events: [newEvent('a-1', { tags: ['x:1', 'é:2'], data: '{"n":1}' })] });
  const none = (commandId: string) => ({ commandId, events: [] });
  await logOf(file, [none('a'), one('b'), one('c'), one('d'), none('e'), { commandId: 'f', events: [newEvent('a-1'), newEvent('b-1')] }]);
  lines = await linesFrom(file);
});

const walk = (some: readonly (string | undefined)[]) => {
  const walking = new LinesWalk();
  for (const line of some) if (line !== undefined) walking.next(line);
  walking.finish();
  return walking;
};
const kind = (line: string) => Object.keys(JSON.parse(line) as object)[0];

test('an export begins with what was before its first event, and ends with what says that it is whole', () => {
  expect(lines.map(kind)).toEqual(['receipt', ...Array(3).fill(['data', 'receipt']).flat(), 'receipt', 'data', 'data', 'receipt', 'end']);
  expect(walk(lines).reached).toMatchObject({ head: { position: 5 }, events: 5, receipts: 6 });
});

test("a line's hash is that of the line without it, and of any canonical form of it", () => {
  const events = lines.filter((line) => kind(line) === 'data');
  for (const line of events) {
    const { hash: link, ...said } = JSON.parse(line) as Record<string, unknown>;
    expect(link).toBe(hash('sha256', line.replace(/,"hash":"[0-9a-f]{64}"\}$/, '}')));
    expect(link).toBe(hash('sha256', canonicalize(said) ?? ''));
  }
  expect(events).toHaveLength(5);
});

test('lines that another program wrote anew, in another order of fields and with spaces, are the same lines', () => {
  const anew = lines.map((line) => {
    const fields = Object.entries(JSON.parse(line) as object).reverse();
    return JSON.stringify(Object.fromEntries(fields), undefined, 1).replaceAll('\n', ' ');
  });
  expect(anew).not.toEqual(lines);
  expect(walk(anew).reached).toEqual(walk(lines).reached);
});

/** Replaces a line, counted from 1. */
const at = (line: number, change: (text: string) => string) => (all: readonly string[]) =>
  all.map((text, i) => (i === line - 1 ? change(text) : text));
const without = (line: number) => (all: readonly string[]) => all.toSpliced(line - 1, 1);
const twice = (line: number) => (all: readonly string[]) => all.toSpliced(line, 0, all[line - 1] ?? '');
const swapped = (line: number, other: number) => (all: readonly string[]) =>
  all.map((text, i) => (i === line - 1 ? all[other - 1] : i === other - 1 ? all[line - 1] : text) ?? '');
const field = (name: string, value: unknown) => (text: string) => JSON.stringify({ ...(JSON.parse(text) as object), [name]: value });
const inner = (name: string, value: unknown) => (text: string) => {
  const [[kind, fields]] = Object.entries(JSON.parse(text) as Record<string, object>) as [[string, object]];
  return JSON.stringify({ [kind]: { ...fields, [name]: value } });
};

test.each<[string, (all: readonly string[]) => readonly string[], RegExp]>([
  ['data was changed', at(4, field('data', { n: 2 })), /^Line 4 .*position 2 was changed/],
  ['type was changed', at(4, field('type', 'Undone')), /^Line 4 .*position 2 was changed/],
  ['moment was changed', at(4, field('recordedAt', '2010-12-01T08:26:00.000Z')), /^Line 4 .*position 2 was changed/],
  ['tags were changed', at(4, field('tags', ['x:1'])), /^Line 4 .*position 2 was changed/],
  ['tags hold one twice', at(4, field('tags', ['x:1', 'x:1'])), /^Line 4 .*field tags/],
  ['hash was changed', at(4, field('hash', '0'.repeat(64))), /^Line 4 .*position 2 was changed/],
  ['previous was changed', at(4, field('previous', null)), /^Line 4 .*position 2 does not follow/],
  ['version is no number', at(4, field('version', '2')), /^Line 4 .*field version/],
  ['fields are more than there are', at(4, field('more', 1)), /^Line 4 .*other fields/],
  ['text is no JSON', at(4, (text) => text.slice(1)), /^Line 4 .*no JSON/],
  ['text is another JSON', at(4, () => '[]'), /^Line 4 /],
  ['place is empty', at(4, () => ''), /^Line 4 .*no JSON/],
  ['line is missing', without(4), /^Line 4 .*receipt of the command c for position 2 stands after position 1/],
  ['lines are missing, with their receipt', (all) => without(4)(without(4)(all)), /^Line 4 .*position 3 stands where that at position 2/],
  ['line is there twice', twice(4), /^Line 5 .*position 2 was there before/],
  ['line changed places', swapped(4, 6), /^Line 4 .*position 3 stands where that at position 2/],
  ['receipt was changed', at(5, inner('inputHash', 'x')), /^Line 5 .*receipt of the command c was changed/],
  ['receipt is missing', without(5), /^Line 6 .*receipt of the command d does not follow/],
  ['receipt is there twice', twice(5), /^Line 6 .*receipt of the command c does not follow/],
  ['receipts changed places', swapped(7, 8), /^Line 7 .*receipt of the command e does not follow/],
  ['first line is missing', without(1), /^Line 2 .*receipt of the command b does not follow/],
  ['last receipt is missing', without(11), /^Line 11 .*receipts/],
  ['last line says something else', at(12, inner('events', 4)), /^Line 12 /],
  ['last line is missing', without(12), /^Line 12 .*cut off/],
  ['last line is cut', at(12, (text) => text.slice(0, -5)), /^Line 12 .*no JSON/],
  ['last line is there twice', twice(12), /^Line 13 .*goes on/],
  ['file is empty', () => [], /^Line 1 .*cut off/],
])('where its %s, the line is named', (_, change, message) => {
  expect(() => walk(change(lines))).toThrow(expect.objectContaining({ code: 'IMPORT_BROKEN', message: expect.stringMatching(message) }));
});

test('a part of a log is not the log', async () => {
  const part = await linesFrom(join(folder, 'varve.db'), 3);
  expect(part.map(kind)).toEqual(['data', 'receipt', 'receipt', 'data', 'data', 'receipt', 'end']);
  expect(JSON.parse(part.at(-1) ?? '')).toMatchObject({ end: { events: 3, receipts: 3, position: 5 } });
  expect(() => walk(part)).toThrow(/^Line 1 .*position 3 stands where that at position 1 comes next/);
  expect((await linesFrom(join(folder, 'varve.db'), 6)).map(kind)).toEqual(['end']);
  await expect(linesFrom(join(folder, 'varve.db'), 7)).rejects.toMatchObject({ code: 'POSITION_AHEAD' });
});
