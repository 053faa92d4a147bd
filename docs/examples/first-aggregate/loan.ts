/** Copies of books, and who has them: the aggregate that docs/first-aggregate.md builds. */

import { z } from 'zod';
// #region imports
import {
  application,
  decider,
  events,
  expose,
  Id,
  Instant,
  id,
  instant,
  int,
  oneOf,
  optional,
  projection,
  rejection,
  table,
  text,
} from '#varve';
// #endregion

// #region events
export const copy = events('copy', {
  CopyShelved: z.object({ title: z.string() }),
  CopyBorrowed: z.object({ reader: Id, due: Instant }),
  CopyReturned: z.object({ reader: Id }),
});
// #endregion

// #region decider
type State = { at: 'nowhere' } | { at: 'shelf' } | { at: 'reader'; reader: string };

const Copy = decider(copy)
  .starts<State>({ at: 'nowhere' })
  .evolves({
    CopyShelved: () => ({ at: 'shelf' }),
    CopyBorrowed: (_, { reader }) => ({ at: 'reader', reader }),
    CopyReturned: () => ({ at: 'shelf' }),
  });
// #endregion

// #region rejections
export const CopyExists = rejection('CopyExists', { copyId: Id }, ({ copyId }) => `The copy ${copyId} is shelved already.`);
export const CopyNotFound = rejection('CopyNotFound', { copyId: Id }, ({ copyId }) => `There is no copy ${copyId}.`);
export const CopyLent = rejection('CopyLent', { copyId: Id }, ({ copyId }) => `The copy ${copyId} is lent.`);
export const CopyNotLent = rejection('CopyNotLent', { copyId: Id }, ({ copyId }) => `Nobody has borrowed the copy ${copyId}.`);
// #endregion

// #region commands
const daysMs = 24 * 3_600_000;

export const shelveCopy = Copy.command('shelveCopy', {
  description: 'Puts a new copy on the shelf.',
  input: z.object({ copyId: Id, title: z.string().trim().min(1) }),
  stream: ({ copyId }) => copyId,
  refuses: { CopyExists },
  decide: ({ copyId, title }, { at }, { refuse }) => (at === 'nowhere' ? copy.CopyShelved({ title }) : refuse.CopyExists({ copyId })),
});

export const borrowCopy = Copy.command('borrowCopy', {
  description: 'Lends a copy that is on the shelf.',
  input: z.object({ copyId: Id, reader: Id, days: z.int().min(1).max(30) }),
  stream: ({ copyId }) => copyId,
  refuses: { CopyNotFound, CopyLent },
  decide: ({ copyId, reader, days }, { at }, { refuse, now }) => {
    if (at === 'nowhere') return refuse.CopyNotFound({ copyId });
    if (at === 'reader') return refuse.CopyLent({ copyId });
    return copy.CopyBorrowed({ reader, due: new Date(now.getTime() + days * daysMs) });
  },
});

export const returnCopy = Copy.command('returnCopy', {
  description: 'Takes a copy back.',
  input: z.object({ copyId: Id }),
  stream: ({ copyId }) => copyId,
  refuses: { CopyNotFound, CopyNotLent },
  decide: ({ copyId }, state, { refuse }) => {
    if (state.at === 'nowhere') return refuse.CopyNotFound({ copyId });
    if (state.at === 'shelf') return refuse.CopyNotLent({ copyId });
    return copy.CopyReturned({ reader: state.reader });
  },
});
// #endregion

// #region table
export const copies = table(
  'copies',
  {
    copyId: id(),
    title: text(),
    status: oneOf('CopyStatus', ['SHELVED', 'LENT']),
    reader: optional(id('Who has it; null while it is on the shelf.')),
    due: optional(instant('When it is to be back.')),
    loans: int('How often it was borrowed.'),
  },
  { key: 'copyId', description: 'A copy of a book.', indexes: [['title'], ['reader', 'title']] },
);
// #endregion

// #region projection
const copiesFromEvents = projection(copies, [copy], {
  CopyShelved: ({ id: copyId, data: { title } }, row) =>
    row(copyId).put({ copyId, title, status: 'SHELVED', reader: null, due: null, loans: 0 }),
  CopyBorrowed: ({ id, data: { reader, due } }, row) =>
    row(id).update((was) => ({ ...was, status: 'LENT', reader, due, loans: was.loans + 1 })),
  CopyReturned: ({ id }, row) => row(id).update((was) => ({ ...was, status: 'SHELVED', reader: null, due: null })),
});
// #endregion

// #region expose
const Copies = expose(copiesFromEvents, {
  type: 'Copy',
  aggregate: Copy,
  one: { copy: { by: 'copyId' } },
  list: { field: 'copies', filter: { reader: { column: 'reader', is: 'equal' } }, search: ['title'], orderBy: { TITLE: 'title' } },
  live: true,
});

export const library = application({
  name: 'library',
  module: import.meta.url,
  commands: [shelveCopy, borrowCopy, returnCopy],
  shows: [Copies],
});
// #endregion
