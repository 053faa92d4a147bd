import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { Reads } from '#schema';
import { Playroom } from '../../schema/context.fixture.ts';
import { library } from '../../schema/library.fixture.ts';
import { withLoans } from '../../schema/loans.fixture.ts';
import { Both } from './both.fixture.ts';

test.each([
  ['a row by its key', '{ loan(loanId: "L1") { status books { isbn } } }'],
  ['a page, its count, its lists and what its rows lead to', '{ loans { nodes { loanId reader { name } books { isbn } } totalCount } }'],
  ['a page of the log', '{ position events(first: 1, after: 1) { nodes { type data } pageInfo { hasPreviousPage } } }'],
])('where the store answers at once, the query does: %s', async (_, document) => {
  const room = new Playroom(library);
  await withLoans(room, 2);
  const { take, close } = room.engine.snapshots;
  const snapshot = await take();
  const args = () => ({
    schema: room.schema,
    document: parse(document),
    contextValue: room.context(new Reads({ take, close, takeNow: () => snapshot })),
  });
  expect(await new Both(room.schema).execute(args)).toMatch(/^at once \{"data"/);
});
