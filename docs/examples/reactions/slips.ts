/** The library of docs/first-aggregate.md, which sends its readers a slip: what docs/reactions.md shows. */
import { application, reaction } from '#varve';
import { copy, library } from '../first-aggregate/loan.ts';

// #region reaction
/** Tells readers when a copy is to be back. */
const slips = reaction('slips', [copy], {
  CopyBorrowed: async ({ id, data: { reader, due } }, { key, signal }) => {
    const { ok, status } = await fetch(mailUrl(), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ to: reader, text: `Please bring back ${id} by ${due.toISOString().slice(0, 10)}.` }),
      signal,
    });
    if (!ok) throw new Error(`the mail service answered ${status}`);
  },
});
// #endregion

const mailUrl = () => process.env['MAIL_URL'] ?? 'http://127.0.0.1:2500/send';

// #region application
export const lending = application({
  name: 'lending',
  module: import.meta.url,
  commands: library.commands,
  shows: library.exposures,
  reacts: [slips],
});
// #endregion
