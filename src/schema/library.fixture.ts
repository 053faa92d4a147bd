import { z } from 'zod';
import { application, expose } from '#application';
import { add, type Decimal as DecimalValue, parseDecimal, zero } from '#base';
import { decider, rejection } from '#decider';
import { Decimal, events, Id, Instant } from '#event';
import { ignore, projection } from '#projector';
import { boolean, decimal, hidden, id, instant, int, list, oneOf, optional, table, text } from '#readtable';

/** A lending library: small, and of every kind of thing that a schema is made of. */

const Book = z.object({ isbn: Id.describe('The book.'), fee: Decimal.default(parseDecimal('0.50')) }).meta({ graphql: 'BookInput' });
const Status = z.enum(['OUT', 'BACK']).meta({ graphql: 'LoanStatus' });
const tills = events('till', { TillClosed: z.object({}) });
const readers = events('reader', { ReaderJoined: z.object({ name: z.string(), email: z.string().nullable() }) });
const loans = events('loan', {
  LoanMade: z.object({ readerId: Id, books: z.array(z.object({ isbn: Id, fee: Decimal })), lentAt: Instant }),
  LoanEnded: z.object({}),
});

const Till = decider(tills)
  .starts<null>(null)
  .evolves({ TillClosed: () => null });
const Reader = decider(readers)
  .starts({ joined: false })
  .evolves({ ReaderJoined: () => ({ joined: true }) });
const Loan = decider(loans)
  .starts<{ status: z.output<typeof Status> | null }>({ status: null })
  .evolves({ LoanMade: () => ({ status: 'OUT' }), LoanEnded: () => ({ status: 'BACK' }) });

const LoanConflict = rejection(
  'LoanConflict',
  { loanId: Id, status: Status.nullable() },
  ({ loanId }) => `Not with loan ${loanId}.`,
  'The loan stands otherwise.',
);

const closeTill = Till.command('closeTill', {
  input: z.object({ tillId: Id }),
  stream: ({ tillId }) => tillId,
  decide: () => tills.TillClosed({}),
});

const join = Reader.command('join', {
  input: z.object({ readerId: Id, name: z.string().min(1, 'must not be empty'), email: z.string().optional() }),
  stream: ({ readerId }) => readerId,
  decide: ({ name, email }) => readers.ReaderJoined({ name, email: email ?? null }),
});

const lend = Loan.command('lend', {
  description: 'Lends books.',
  input: z.object({
    loanId: Id,
    readerId: Id,
    books: z.array(Book),
    lentAt: Instant.optional(),
    urgent: z.boolean().optional(),
    days: z.int().min(1).default(14),
  }),
  stream: ({ loanId }) => loanId,
  refuses: { LoanConflict },
  decide: ({ loanId, readerId, books, lentAt }, { status }, { refuse, now }) =>
    status === null ? loans.LoanMade({ readerId, books, lentAt: lentAt ?? now }) : refuse.LoanConflict({ loanId, status }),
});

const endLoan = Loan.command('endLoan', {
  input: z.object({ loanId: Id }),
  stream: ({ loanId }) => loanId,
  refuses: { LoanConflict },
  decide: ({ loanId }, { status }, { refuse }) => (status === 'OUT' ? loans.LoanEnded({}) : refuse.LoanConflict({ loanId, status })),
});

const readerTable = table(
  'readers',
  {
    readerId: id('The id.'),
    name: text('The name.'),
    folded: hidden(text()),
    email: optional(text('Where mail goes.')),
    active: boolean(),
  },
  { key: 'readerId', description: 'Somebody who reads.' },
);
const loanTable = table(
  'loans',
  {
    loanId: id(),
    readerId: id(),
    status: oneOf('LoanStatus', ['OUT', 'BACK'], 'Where the books are.'),
    fee: decimal(),
    lentAt: instant(),
    books: list('LentBook', { isbn: id(), fee: decimal(), lentTo: id() }),
  },
  { key: 'loanId', indexes: [['readerId', 'lentAt']] },
);
const newsTable = table('news', { day: text(), loans: int() }, { key: 'day' });

const feeOf = (books: readonly { readonly fee: DecimalValue }[]) => add(...books.map(({ fee }) => fee), zero);
const dayOf = (date: Date) => date.toISOString().slice(0, 10);

const readerRows = projection(readerTable, [readers], {
  ReaderJoined: ({ id, data: { name, email } }, row) =>
    row(id).put({ readerId: id, name, folded: name.toLowerCase(), email, active: true }),
});
const loanRows = projection(loanTable, [loans], {
  LoanMade: ({ id, data: { readerId, books, lentAt } }, row) =>
    row(id).put({
      loanId: id,
      readerId,
      status: 'OUT',
      fee: feeOf(books),
      lentAt,
      books: books.map((book) => ({ ...book, lentTo: readerId })),
    }),
  LoanEnded: ({ id }, row) => row(id).update((loan) => ({ ...loan, status: 'BACK' })),
});
const newsRows = projection(newsTable, [loans], {
  LoanMade: ({ data: { lentAt } }, row) =>
    row(dayOf(lentAt)).upsert({ day: dayOf(lentAt), loans: 0 }, (day) => ({ ...day, loans: day.loans + 1 })),
  LoanEnded: ignore,
});

export const library = application({
  name: 'library',
  commands: [closeTill, join, lend, endLoan],
  shows: [
    expose(readerRows, {
      type: 'Reader',
      aggregate: Reader,
      one: { reader: { by: 'readerId' }, readerByName: { by: 'folded', argument: 'name', normalise: (name) => name.toLowerCase() } },
      list: { field: 'readers', search: ['name', 'email'], orderBy: { NAME: 'folded' } },
      relations: { loans: { many: 'Loan', by: 'readerId' } },
    }),
    expose(loanRows, {
      type: 'Loan',
      aggregate: Loan,
      one: { loan: { by: 'loanId' } },
      list: {
        field: 'loans',
        filter: {
          readerId: { column: 'readerId', is: 'equal' },
          status: { column: 'status', is: 'in' },
          from: { column: 'lentAt', is: 'atLeast' },
          cheaperThan: { column: 'fee', is: 'below' },
        },
        orderBy: { LENT_AT: 'lentAt', FEE: 'fee' },
      },
      relations: { reader: { one: 'Reader', by: 'readerId' } },
      entries: { LentBook: { reader: { one: 'Reader', by: 'lentTo', nullable: true } } },
      live: true,
    }),
    expose(newsRows, { type: 'News', list: { field: 'news' }, live: true }),
  ],
});
