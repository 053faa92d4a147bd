import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { limits } from '#base';
import { type Command, decider } from '#decider';
import { Id, Instant } from '#event';
import { seal } from './seal.ts';
import { wallet } from './wallet.fixture.ts';

const Wallet = decider(wallet)
  .starts<null>(null)
  .evolves({ Opened: () => null, Paid: () => null, Repainted: () => null });
const input = z.object({
  walletId: Id,
  note: z.string().nullish(),
  at: Instant.nullish(),
  notes: z.array(z.object({ text: z.string(), by: z.string().nullish() })).default([]),
});
const open: Command = Wallet.command('open', { input, stream: ({ walletId }) => walletId, decide: () => [] });

const sealed = (raw: unknown, commandId?: string) => seal(open, raw, commandId === undefined ? {} : { commandId }, () => 'new');
const hashOf = (raw: unknown) => {
  const envelope = sealed(raw);
  return 'inputHash' in envelope ? envelope.inputHash : 'refused';
};

test('an input is the same where what may be left out is null, at any depth', () => {
  const plain = hashOf({ walletId: 'a', notes: [{ text: 'x' }] });
  expect(hashOf({ walletId: 'a', note: null, at: null, notes: [{ text: 'x', by: null }] })).toBe(plain);
  const others = [
    { walletId: 'b', notes: [{ text: 'x' }] },
    { walletId: 'a', notes: [{ text: 'x', by: 'ada' }] },
    { walletId: 'a', notes: [{ text: 'x' }], note: '' },
    { walletId: 'a', notes: [{ text: 'x' }], at: '2026-11-01T10:00:00Z' },
    { walletId: 'a', notes: [{ text: 'x' }], at: '2026-11-01T10:00:01Z' },
    { walletId: 'a' },
  ];
  expect(new Set([plain, ...others.map(hashOf)]).size).toBe(7);
});

test('the hash of an input stays what it is: receipts in a log that stands were kept with it', () => {
  const raw = { notes: [{ by: 'ada', text: 'é "\u2028' }], at: '2026-11-01T10:00:00Z', walletId: 'a' };
  const text = '["open",{"at":"2026-11-01T10:00:00.000Z","notes":[{"by":"ada","text":"é \\"\u2028"}],"walletId":"a"}]';
  expect(hashOf(raw)).toBe(createHash('sha256').update(text).digest('hex'));
});

test.each([
  ['', 'must not be empty'],
  ['x'.repeat(limits.idLengthMax + 1), `must have at most ${limits.idLengthMax} characters`],
  // On disk it would be the same as any other half, and as U+FFFD.
  ['k\ud800', 'must not contain control characters or halves of characters'],
  ['k\u0000', 'must not contain control characters or halves of characters'],
  ['k\n', 'must not contain control characters or halves of characters'],
])('the commandId %j is refused by the rules of ids', (commandId, message) => {
  expect(sealed({ walletId: 'a' }, commandId)).toMatchObject({
    rejection: 'InvalidInput',
    data: { issues: [{ path: ['options', 'commandId'], message }] },
  });
});

test('a commandId may be any other text, and is new where there is none', () => {
  for (const commandId of ['k', 'k\ufffd', 'Ünï 🎄', 'x'.repeat(limits.idLengthMax)])
    expect(sealed({ walletId: 'a' }, commandId)).toMatchObject({ commandId, mayRepeat: true });
  expect(sealed({ walletId: 'a' })).toMatchObject({ commandId: 'new', mayRepeat: false });
});

test('a text with the character U+0000 is refused, wherever it stands; what only looks like it is not', () => {
  expect(sealed({ walletId: 'a', notes: [{ text: 'fine' }, { text: 'a\0b' }] })).toMatchObject({
    rejection: 'InvalidInput',
    data: { issues: [{ path: ['notes', '1', 'text'], message: 'must not contain the character U+0000' }] },
  });
  expect(sealed({ walletId: 'a', notes: [{ text: 'a\\u0000b' }] })).toMatchObject({ commandId: 'new' });
});

test('half a character is refused: what no store keeps as it is would break the chain of hashes', () => {
  expect(sealed({ walletId: 'a', notes: [{ text: 'a\ud83c', by: '\udf84' }] })).toMatchObject({
    rejection: 'InvalidInput',
    data: { issues: [expect.objectContaining({ path: ['notes', '0', 'text'] }), expect.objectContaining({ path: ['notes', '0', 'by'] })] },
  });
  expect(sealed({ walletId: 'a', notes: [{ text: '🎄 \\ud83c' }] })).toMatchObject({ commandId: 'new' });
});
