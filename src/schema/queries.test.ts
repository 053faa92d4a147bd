import { beforeEach, describe, expect, test, vi } from 'vitest';
import { limits } from '#base';
import { Playroom } from './context.fixture.ts';
import { library } from './library.fixture.ts';
import { codes, join, lend, withLoans } from './loans.fixture.ts';

let room: Playroom;

beforeEach(() => {
  room = new Playroom(library);
});

describe('queries', () => {
  test('rows by key and by another column, null where there is none', async () => {
    await withLoans(room, 0);
    const { data } = await room.run(
      '{ a: reader(readerId: "ada") { name active } b: readerByName(name: "BOB") { readerId } c: reader(readerId: "x") { name } }',
    );
    expect(data).toEqual({ a: { name: 'Ada', active: true }, b: { readerId: 'bob' }, c: null });
  });

  test('all reads of an operation see one moment, and what is asked together is read together', async () => {
    await withLoans(room, 5);
    await room.run(
      '{ loans { nodes { reader { name } books { reader { name } } } } position a: loan(loanId: "L1") { fee } b: loan(loanId: "L2") { fee } }',
    );
    expect(room.trace.filter((step) => step === 'take')).toEqual(['take']);
    expect(room.trace.filter((step) => step.startsWith('rows readers'))).toEqual(['rows readers 2']);
    expect(room.trace.at(-1)).toBe('release');
  });

  test('pages go on from their cursors, in both directions', async () => {
    await withLoans(room, 5);
    const page = async (args: string) => {
      const { data } = await room.run(
        `{ loans(${args}) { edges { cursor node { loanId } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }`,
      );
      const { loans } = data as {
        loans: { edges: { node: { loanId: string } }[]; pageInfo: { startCursor: string; endCursor: string }; totalCount: number };
      };
      return { ids: loans.edges.map(({ node }) => node.loanId).join(' '), ...loans.pageInfo, totalCount: loans.totalCount };
    };
    const first = await page('first: 2, orderBy: { field: FEE }');
    expect(first).toMatchObject({ ids: 'L5 L4', hasNextPage: true, hasPreviousPage: false, totalCount: 5 });
    const second = await page(`first: 2, orderBy: { field: FEE }, after: "${first.endCursor}"`);
    expect(second).toMatchObject({ ids: 'L3 L2', hasNextPage: true, hasPreviousPage: true });
    expect(await page(`last: 1, orderBy: { field: FEE }, before: "${second.startCursor}"`)).toMatchObject({ ids: 'L4' });
    expect(await page('last: 2')).toMatchObject({ ids: 'L4 L5', hasNextPage: false, hasPreviousPage: true });
    expect(await page('first: 1, orderBy: { field: LENT_AT, direction: DESC }')).toMatchObject({ ids: 'L5' });
    expect(await page('first: 0')).toMatchObject({ ids: '', startCursor: null });
  });

  test('a page that does not say has so many', async () => {
    await room.run(join, { input: { readerId: 'ada', name: 'Ada' } });
    for (let i = 0; i <= limits.pageRowsDefault; i += 1)
      await room.run(lend, { input: { loanId: `L${i}`, readerId: 'ada', books: [{ isbn: 'x' }] } });
    const { data } = await room.run('{ loans { nodes { loanId } pageInfo { hasNextPage } } events { nodes { type } } }');
    const { loans, events } = data as { loans: { nodes: unknown[]; pageInfo: unknown }; events: { nodes: unknown[] } };
    expect([loans.nodes.length, events.nodes.length]).toEqual([limits.pageRowsDefault, limits.pageRowsDefault]);
    expect(loans.pageInfo).toEqual({ hasNextPage: true });
  });

  test('counts only where it is asked', async () => {
    await withLoans(room, 1);
    await room.run('{ loans { nodes { loanId } } }');
    expect(room.trace).not.toContain('count loans');
    await room.run('{ loans { totalCount } }');
    expect(room.trace).toContain('count loans');
  });

  test('filters, searches and relations narrow', async () => {
    await withLoans(room, 5);
    await room.run('mutation { endLoan(input: { loanId: "L1" }) { __typename } }');
    const { data } = await room.run(`{
      of: loans(filter: { readerId: "bob" }) { nodes { loanId } }
      back: loans(filter: { status: [BACK], readerId: null }) { nodes { loanId } totalCount }
      none: loans(filter: { status: [] }) { totalCount }
      late: loans(filter: { from: "2026-11-04T00:00:00Z", cheaperThan: "6" }) { nodes { loanId } }
      found: readers(search: "EXAMPLE") { nodes { name } }
      all: readers(search: "") { totalCount }
      bob: reader(readerId: "bob") { loans(first: 1) { nodes { loanId } totalCount } }
    }`);
    expect(data).toEqual({
      of: { nodes: [{ loanId: 'L2' }, { loanId: 'L4' }] },
      back: { nodes: [{ loanId: 'L1' }], totalCount: 1 },
      none: { totalCount: 0 },
      late: { nodes: [{ loanId: 'L5' }] },
      found: { nodes: [{ name: 'Bob' }] },
      all: { totalCount: 2 },
      bob: { loans: { nodes: [{ loanId: 'L2' }], totalCount: 2 } },
    });
  });

  test.each([
    ['PAGE_TOO_LARGE', '{ loans(first: 201) { totalCount } }'],
    ['PAGE_TOO_LARGE', '{ loans(last: 201) { totalCount } }'],
    ['BAD_USER_INPUT', '{ loans(first: -1) { totalCount } }'],
    ['BAD_USER_INPUT', '{ loans(first: 1, last: 1) { totalCount } }'],
    ['BAD_USER_INPUT', '{ loans(filter: { from: "today" }) { totalCount } }'],
    ['BAD_USER_INPUT', '{ loans(filter: { cheaperThan: "x" }) { totalCount } }'],
    ['BAD_USER_INPUT', `{ readers(search: "${'x'.repeat(201)}") { totalCount } }`],
    ['BAD_USER_INPUT', '{ readers(search: "a\\u0000b") { totalCount } }'],
    ['BAD_USER_INPUT', '{ readers(search: "a\\tb") { totalCount } }'],
    ['PAGE_TOO_LARGE', `{ loans(filter: { status: [${'OUT '.repeat(101)}] }) { totalCount } }`],
    ['PAGE_TOO_LARGE', `{ events(types: [${'"x" '.repeat(101)}]) { nodes { type } } }`],
    ['PAGE_TOO_LARGE', `{ nodes(ids: [${'"x" '.repeat(201)}]) { id } }`],
    ['PAGE_TOO_LARGE', '{ events(first: 201) { nodes { type } } }'],
    ['BAD_USER_INPUT', '{ events(types: ["LoanMade", "Nope"]) { nodes { type } } }'],
    ['BAD_POSITION', '{ events(after: "-1") { nodes { type } } }'],
    ['BAD_POSITION', '{ events(after: 99999999999999999999) { nodes { type } } }'],
  ])('past a limit or senseless: %s (%#)', async (code, document) => {
    expect(codes(await room.run(document))).toEqual([code]);
  });

  test('a malformed position in a variable keeps its code', async () => {
    expect(codes(await room.run('query ($p: Position) { events(after: $p) { nodes { type } } }', { p: 'x' }))).toEqual(['BAD_POSITION']);
  });
});

test('a query that fails amid its reads gives its snapshots back', async () => {
  await withLoans(room, 2);
  const query = `{ loans { nodes { reader { name } } totalCount } nodes(ids: [${'"x" '.repeat(201)}]) { id } }`;
  expect(codes(await room.run(query))).toEqual(['PAGE_TOO_LARGE']);
  await vi.waitFor(() => expect(room.trace.slice().sort()).toEqual(['page loans', 'release', 'take']));
});

describe('nodes', () => {
  test('a global id finds its object; anything else is null', async () => {
    await withLoans(room, 1);
    const { data } = await room.run('{ reader(readerId: "ada") { id } loan(loanId: "L1") { id } }');
    const { reader, loan } = data as Record<'reader' | 'loan', { id: string }>;
    const ids = [
      reader.id,
      'nonsense',
      loan.id,
      Buffer.from('Reader:nobody').toString('base64'),
      Buffer.from('Query:x').toString('base64'),
    ];
    const found = await room.run(
      'query ($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { __typename id ... on Loan { loanId } } node(id: $id) { id } }',
      { ids, id: '%' },
    );
    expect(found).toEqual({
      data: {
        nodes: [{ __typename: 'Reader', id: reader.id }, null, { __typename: 'Loan', id: loan.id, loanId: 'L1' }, null, null],
        node: null,
      },
    });
  });
});

describe('the log', () => {
  test('is read page by page, by type and by stream, its data in outer form', async () => {
    await withLoans(room, 2);
    const { data } = await room.run(`{
      position
      all: events(first: 2) { nodes { position type } pageInfo { hasNextPage hasPreviousPage endCursor } }
      rest: events(after: 2, types: ["LoanMade"], first: 1) { edges { cursor node { stream version data commandId correlationId causationId actor recordedAt } } pageInfo { hasNextPage } }
      of: events(stream: "reader-bob", after: "0") { nodes { data } }
      none: events(types: []) { nodes { type } }
    }`);
    expect(data).toMatchObject({
      position: '4',
      all: {
        nodes: [{ position: '1', type: 'ReaderJoined' }, { position: '2' }],
        pageInfo: { hasNextPage: true, hasPreviousPage: false, endCursor: '2' },
      },
      rest: {
        edges: [
          {
            cursor: '3',
            node: {
              stream: 'loan-L1',
              version: 1,
              data: { readerId: 'ada', books: [{ isbn: 'x', fee: '9.50' }], lentAt: '2026-11-01T00:00:00.000Z' },
              causationId: null,
              actor: null,
              recordedAt: '2026-11-01T10:00:00Z',
            },
          },
        ],
        pageInfo: { hasNextPage: true },
      },
      of: { nodes: [{ data: { name: 'Bob', email: 'bob@example.com' } }] },
      none: { nodes: [] },
    });
  });

  test('an object has its own history', async () => {
    await withLoans(room, 1);
    await room.run('mutation { endLoan(input: { loanId: "L1" }) { __typename } }');
    const history = async (args: string) =>
      (await room.run(`{ loan(loanId: "L1") { history(${args}) { nodes { type version } pageInfo { hasNextPage hasPreviousPage } } } }`))
        .data;
    expect(await history('first: 1')).toEqual({
      loan: { history: { nodes: [{ type: 'LoanMade', version: 1 }], pageInfo: { hasNextPage: true, hasPreviousPage: false } } },
    });
    expect(await history('after: "3"')).toEqual({
      loan: { history: { nodes: [{ type: 'LoanEnded', version: 2 }], pageInfo: { hasNextPage: false, hasPreviousPage: true } } },
    });
  });
});
