/** The rest of the library's rules, which docs/first-aggregate.md does not show. */

import { describe, test } from 'vitest';
import { InvalidInput, scenario } from '#varve';
import { borrowCopy, CopyExists, CopyNotFound, CopyNotLent, copies, copy, library, returnCopy, shelveCopy } from './loan.ts';

const due = new Date('2026-03-15T09:00:00Z');
const shelved = () => scenario(library).given('sicp-1', copy.CopyShelved({ title: 'SICP' }));

describe('a copy', () => {
  test('that was borrowed comes back to the shelf, and its row counts the loan', () =>
    shelved()
      .given('sicp-1', copy.CopyBorrowed({ reader: 'ada', due }))
      .when(returnCopy, { copyId: 'sicp-1' })
      .thenEvents(copy.CopyReturned({ reader: 'ada' }))
      .thenRow(copies, 'sicp-1', { status: 'SHELVED', reader: null, due: null, loans: 1 }));
  test('stands on the shelf under its trimmed title', () =>
    scenario(library)
      .when(shelveCopy, { copyId: 'tapl-1', title: ' TAPL ' })
      .thenRow(copies, 'tapl-1', { title: 'TAPL', status: 'SHELVED', loans: 0 }));
  test('that nobody borrowed does not come back', () => shelved().when(returnCopy, { copyId: 'sicp-1' }).thenRefused(CopyNotLent));
  test('is shelved once', () => shelved().when(shelveCopy, { copyId: 'sicp-1', title: 'SICP' }).thenRefused(CopyExists));
  test('that is nowhere is neither lent nor returned', () =>
    scenario(library)
      .when(returnCopy, { copyId: 'tapl-1' })
      .thenRefused(CopyNotFound)
      .when(borrowCopy, { copyId: 'tapl-1', reader: 'ada', days: 7 })
      .thenRefused(CopyNotFound, { copyId: 'tapl-1' })
      .thenNoRow(copies, 'tapl-1'));
  test.each([0, 31])('is not lent for %i days', async (days) => {
    await shelved().when(borrowCopy, { copyId: 'sicp-1', reader: 'ada', days }).thenRefused(InvalidInput);
  });
});
