import { describe, test } from 'vitest';
import { scenario } from '#varve';
import { borrowCopy, CopyLent, copies, copy, library } from './loan.ts';

const now = new Date('2026-03-01T09:00:00Z');
const due = new Date('2026-03-15T09:00:00Z');
const shelved = () => scenario(library, { now }).given('sicp-1', copy.CopyShelved({ title: 'SICP' }));

describe('a copy', () => {
  test('on the shelf can be borrowed', () =>
    shelved()
      .when(borrowCopy, { copyId: 'sicp-1', reader: 'ada', days: 14 })
      .thenEvents(copy.CopyBorrowed({ reader: 'ada', due }))
      .thenRow(copies, 'sicp-1', { status: 'LENT', reader: 'ada', due, loans: 1 })
      .again());

  test('that is lent cannot be borrowed', () =>
    shelved()
      .given('sicp-1', copy.CopyBorrowed({ reader: 'ada', due }))
      .when(borrowCopy, { copyId: 'sicp-1', reader: 'bob', days: 7 })
      .thenRefused(CopyLent, { copyId: 'sicp-1' }));
});
