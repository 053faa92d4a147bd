import { beforeEach, describe, expect, test } from 'vitest';
import { Playroom } from './context.fixture.ts';
import { library } from './library.fixture.ts';
import { withLoans } from './loans.fixture.ts';

let room: Playroom;

beforeEach(() => {
  room = new Playroom(library);
});

describe('live streams', () => {
  const next = async (stream: AsyncGenerator<{ data?: unknown }>) => JSON.parse(JSON.stringify((await stream.next()).value?.data));

  test('one object: a snapshot of nothing, then its changes and their causes', async () => {
    const stream = await room.follow(
      'subscription { loanChanged(loanId: "L1") { kind position loanId loan { status reader { name } } cause { type data } } }',
    );
    expect(await next(stream)).toEqual({ loanChanged: { kind: 'SNAPSHOT', position: '0', loanId: 'L1', loan: null, cause: null } });
    const changed = next(stream);
    await withLoans(room, 1);
    expect(await changed).toMatchObject({
      loanChanged: {
        kind: 'CHANGED',
        position: '3',
        loan: { status: 'OUT', reader: { name: 'Ada' } },
        cause: { type: 'LoanMade', data: { books: [{ fee: '9.50' }] } },
      },
    });
    await stream.return();
    expect(room.trace.filter((step) => step === 'take')).toHaveLength(room.trace.filter((step) => step === 'release').length);
  });

  test('many objects: by a filter, resumed after a position', async () => {
    await withLoans(room, 2);
    const snapshots = await room.follow('subscription { loansChanged(filter: { readerId: "bob" }, snapshot: 5) { kind loanId } }');
    expect(await next(snapshots)).toEqual({ loansChanged: { kind: 'SNAPSHOT', loanId: 'L2' } });
    await snapshots.return();
    const resumed = await room.follow('subscription { loansChanged(filter: { status: [OUT] }, after: "2") { kind loanId } }');
    expect([await next(resumed), await next(resumed)]).toEqual(
      ['L1', 'L2'].map((loanId) => ({ loansChanged: { kind: 'CHANGED', loanId } })),
    );
    await resumed.return();
  });

  test('where the names for one and for many are the same, one field does both', async () => {
    await withLoans(room, 2);
    const all = await room.follow('subscription { newsChanged { kind day news { loans } } }');
    expect([await next(all), await next(all)]).toMatchObject([
      { newsChanged: { day: '2026-11-01', news: { loans: 1 } } },
      { newsChanged: { day: '2026-11-02' } },
    ]);
    await all.return();
    const one = await room.follow('subscription { newsChanged(day: "2026-11-02") { kind day } }');
    expect(await next(one)).toEqual({ newsChanged: { kind: 'SNAPSHOT', day: '2026-11-02' } });
    await one.return();
  });

  test('the log, live', async () => {
    await withLoans(room, 2);
    const stream = await room.follow('subscription { events(after: 1, types: ["LoanMade"]) { position data } }');
    expect([await next(stream), await next(stream)]).toMatchObject([
      { events: { position: '3', data: { readerId: 'ada' } } },
      { events: { position: '4' } },
    ]);
    await stream.return();
  });

  test.each([
    ['newsChanged(afterKey: "2026-11-01") { kind }', 'without `after`'],
    ['loansChanged(after: null, afterKey: "L1") { kind }', 'without `after`'],
    ['events(types: ["LoanMade", "Nope"]) { type }', 'no event of the type "Nope"'],
  ])('what can never be answered is refused rather than waited for: %s', async (field, message) => {
    await expect(room.follow(`subscription { ${field} }`)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      originalError: { code: 'BAD_USER_INPUT', hint: expect.stringMatching(/./) },
    });
  });

  test('a snapshot over the limit is refused', async () => {
    await expect(room.follow('subscription { loansChanged(snapshot: 201) { kind } }')).rejects.toThrow('at most 200');
  });
});
