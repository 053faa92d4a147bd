import type { Playroom } from './context.fixture.ts';

/** Lends, and asks for all that the answer may be. */
export const lend = `mutation ($input: LendInput!, $options: CommandOptions) { lend(input: $input, options: $options) {
  __typename
  ... on LoanAccepted { position replayed loan { loanId status fee lentAt reader { name } books { isbn fee reader { name } } } }
  ... on Rejection { code message }
  ... on InvalidInput { issues { path message } }
  ... on LoanConflict { loanId status }
} }`;
/** Lets a reader join. */
export const join =
  'mutation ($input: JoinInput!) { join(input: $input) { __typename ... on ReaderAccepted { position reader { id name email } } ... on InvalidInput { issues { path } } } }';

/** Two readers, and loans L1, L2, … of theirs in turn: each a day later and a unit cheaper. */
export async function withLoans(room: Playroom, count: number): Promise<void> {
  await room.run(join, { input: { readerId: 'ada', name: 'Ada' } });
  await room.run(join, { input: { readerId: 'bob', name: 'Bob', email: 'bob@example.com' } });
  for (let i = 1; i <= count; i += 1) {
    const readerId = i % 2 ? 'ada' : 'bob';
    await room.run(lend, {
      input: { loanId: `L${i}`, readerId, books: [{ isbn: 'x', fee: `${10 - i}.5` }], lentAt: `2026-11-0${i}T00:00:00Z` },
    });
  }
  room.trace.length = 0;
}

/** The codes of a result's faults. */
export const codes = ({ errors = [] }: Awaited<ReturnType<Playroom['run']>>) =>
  errors.map(({ originalError, extensions }) => (originalError && 'code' in originalError ? originalError.code : extensions['code']));
