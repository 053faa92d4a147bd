import { beforeEach, describe, expect, test } from 'vitest';
import { VarveError } from '#base';
import { Playroom } from './context.fixture.ts';
import { library } from './library.fixture.ts';
import { codes, join, lend, withLoans } from './loans.fixture.ts';

let room: Playroom;

beforeEach(() => {
  room = new Playroom(library);
});

describe('commands', () => {
  test('an accepted command answers its position and what its commit made', async () => {
    await room.run(join, { input: { readerId: 'ada', name: 'Ada', email: null } });
    const { data } = await room.run(lend, { input: { loanId: 'L1', readerId: 'ada', books: [{ isbn: 'x', fee: '1.5' }, { isbn: 'y' }] } });
    expect(data).toEqual({
      lend: {
        __typename: 'LoanAccepted',
        position: '2',
        replayed: false,
        loan: {
          loanId: 'L1',
          status: 'OUT',
          fee: '2.00',
          lentAt: '2026-11-01T10:00:00Z',
          reader: { name: 'Ada' },
          books: [
            { isbn: 'x', fee: '1.50', reader: { name: 'Ada' } },
            { isbn: 'y', fee: '0.50', reader: { name: 'Ada' } },
          ],
        },
      },
    });
  });

  test('a refusal is an answer of its own type, its enum shared with the read table', async () => {
    await withLoans(room, 1);
    const { data } = await room.run(lend, { input: { loanId: 'L1', readerId: 'ada', books: [] } });
    expect(data).toEqual({
      lend: { __typename: 'LoanConflict', code: 'LOAN_CONFLICT', message: 'Not with loan L1.', loanId: 'L1', status: 'OUT' },
    });
  });

  test('a field that breaks a rule is refused with its path, dates and decimals included', async () => {
    const { data } = await room.run(lend, {
      input: { loanId: '', readerId: 'a', books: [{ isbn: 'x', fee: 'dear' }], lentAt: 'today', days: 0 },
    });
    expect(data).toMatchObject({ lend: { code: 'INVALID_INPUT' } });
    const { issues } = (data as { lend: { issues: { path: string[] }[] } }).lend;
    expect(issues.map(({ path }) => path.join('.')).sort()).toEqual(['books.0.fee', 'days', 'lentAt', 'loanId']);
  });

  test('null stands for a field that is left out', async () => {
    const { data } = await room.run(join, { input: { readerId: 'ada', name: 'Ada', email: null } });
    expect(data).toMatchObject({ join: { __typename: 'ReaderAccepted', reader: { email: null } } });
  });

  test('options reach the dispatcher', async () => {
    const sent = { input: { loanId: 'L1', readerId: 'ada', books: [] }, options: { commandId: 'c1', expectedVersion: 0 } };
    const ask = lend.replace('reader { name }', '');
    expect((await room.run(ask, sent)).data).toMatchObject({ lend: { replayed: false, position: '1' } });
    expect((await room.run(ask, sent)).data).toMatchObject({ lend: { replayed: true, position: '1' } });
    expect((await room.run(ask, { ...sent, options: { commandId: 'c2', expectedVersion: 7 } })).data).toMatchObject({
      lend: { code: 'VERSION_CONFLICT' },
    });
    expect((await room.run(ask, { ...sent, input: { ...sent.input, days: 3 } })).data).toMatchObject({
      lend: { code: 'COMMAND_ID_REUSED' },
    });
  });

  test.each([
    ['OUTCOME_UNKNOWN', {}, false],
    ['OUTCOME_UNKNOWN', { commandId: 'c1' }, true],
    ['WRITER_BROKEN', {}, false],
    ['WRITER_BROKEN', { commandId: 'c1' }, true],
    ['STORE_UNAVAILABLE', {}, true],
  ])('what failed with %s, sent with %o, may be sent again blindly: %s', async (code, options, retryable) => {
    const fault = new VarveError({ code, message: 'It broke.', hint: 'Send it again.', retryable: true });
    room.engine.send = () => Promise.reject(fault);
    const { errors } = await room.run(lend, { input: { loanId: 'L1', readerId: 'ada', books: [] }, options });
    const hint = retryable ? 'Send it again.' : expect.stringMatching(/^Look whether .* commandId/);
    expect(errors?.[0]?.originalError).toMatchObject({ code, retryable, hint });
  });

  test('a command of an aggregate that is not shown answers plainly, and reads nothing', async () => {
    const { data } = await room.run(
      'mutation { closeTill(input: { tillId: "t" }) { __typename ... on TillAccepted { position replayed } } }',
    );
    expect(data).toEqual({ closeTill: { __typename: 'TillAccepted', position: '1', replayed: false } });
    expect(room.trace).toEqual([]);
  });

  test('each mutation of a document reads after its own commit', async () => {
    const { data } = await room.run(`mutation {
      a: join(input: { readerId: "ada", name: "Ada" }) { ... on ReaderAccepted { position reader { name history { nodes { position } } } } }
      b: join(input: { readerId: "bob", name: "Bob" }) { ... on ReaderAccepted { position reader { name history { nodes { position } } } } }
    }`);
    expect(data).toEqual({
      a: { position: '1', reader: { name: 'Ada', history: { nodes: [{ position: '1' }] } } },
      b: { position: '2', reader: { name: 'Bob', history: { nodes: [{ position: '2' }] } } },
    });
    expect(room.trace.filter((step) => step === 'take')).toHaveLength(2);
  });

  test('a number is no decimal', async () => {
    const result = await room.run(lend, { input: { loanId: 'L1', readerId: 'ada', books: [{ isbn: 'x', fee: 1.5 }] } });
    expect(result.errors?.[0]?.message).toContain('Decimal is sent as a string');
    expect(
      codes(await room.run('mutation { lend(input: { loanId: "L", readerId: "a", books: [{ isbn: "x", fee: 1.5 }] }) { __typename } }')),
    ).toEqual(['BAD_USER_INPUT']);
  });
});
