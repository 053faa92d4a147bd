import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { limits } from '#base';
import { Budget } from './budget.ts';
import { Playroom } from './context.fixture.ts';
import { library } from './library.fixture.ts';
import { codes, join, lend, withLoans } from './loans.fixture.ts';
import { Reads } from './reads.ts';
import { fieldsBelow } from './selection.ts';

test('the fields below a field are all that its entries are asked for, by whatever way', () => {
  const { definitions } = parse('{ list { a: x b: x { c ... { d } ...F } } } fragment F on T { e f { g } }');
  const [operation, fragment] = definitions;
  if (operation?.kind !== 'OperationDefinition' || fragment?.kind !== 'FragmentDefinition') throw new Error('no document');
  const fieldNodes = operation.selectionSet.selections.flatMap((node) => (node.kind === 'Field' ? [node] : []));
  expect(fieldsBelow({ fieldNodes, fragments: { F: fragment } })).toBe(7);
});

test('a budget that is spent stays so', () => {
  const budget = new Budget();
  budget.spend(limits.answerFieldsMax);
  expect(() => budget.spend(1)).toThrow(expect.objectContaining({ code: 'DOCUMENT_TOO_COSTLY' }));
  expect(() => budget.spend(0)).toThrow(expect.objectContaining({ code: 'DOCUMENT_TOO_COSTLY' }));
});

test('an operation has one budget, each message of a subscription its own', () => {
  const reads = new Reads({ take: () => Promise.reject(new Error('not read')), close: () => {} });
  const [one, other] = [{}, {}];
  expect(reads.budgetOf(one)).toBe(reads.budgetOf(other));
  reads.readBriefly();
  expect(reads.budgetOf(one)).toBe(reads.budgetOf(one));
  expect(reads.budgetOf(one)).not.toBe(reads.budgetOf(other));
});

/** Pages that were read. */
const pagesOf = ({ trace }: Playroom) => trace.filter((step) => step === 'page loans').length;

describe('an answer that grows larger than its document says', () => {
  const times = (count: number, make: (i: number) => string) => Array.from({ length: count }, (_, i) => make(i)).join(' ');
  const roomWith = async (books: number) => {
    const room = new Playroom(library);
    await room.run(join, { input: { readerId: 'ada', name: 'Ada' } });
    const input = { loanId: 'L', readerId: 'ada', books: Array.from({ length: books }, () => ({ isbn: 'x'.repeat(100) })) };
    await room.run(lend, { input });
    return room;
  };

  test.each([
    ['by the entries of a list', `{ loan(loanId: "L") { books { ${times(300, (i) => `a${i}: isbn`)} } } }`],
    ['by pages below them', `{ loan(loanId: "L") { books { reader { loans { nodes { ${times(300, (i) => `a${i}: fee`)} } } } } } }`],
    ['by lists of the same row', `{ ${times(60, (i) => `l${i}: loan(loanId: "L") { books { isbn fee lentTo a: fee b: fee } }`)} }`],
    ["by events' data", `{ events { nodes { ${times(60, (i) => `d${i}: data`)} } } }`],
  ])('is refused: %s', async (_, query) => {
    expect(new Set(codes(await (await roomWith(700)).run(query)))).toEqual(new Set(['DOCUMENT_TOO_COSTLY']));
    expect((await (await roomWith(5)).run(query)).errors).toBeUndefined();
  });

  test('is refused before the rest of it is read', async () => {
    const room = new Playroom(library);
    await withLoans(room, 9);
    const fragment = `fragment F on LoanConnection { nodes { ${times(1_000, (i) => `a${i}: fee`)} } }`;
    await room.run(`{ ${times(40, (i) => `p${i}: loans { ...F }`)} } ${fragment}`);
    expect(pagesOf(room)).toBe(Math.ceil(limits.answerFieldsMax / (9 * 1_001)));
  });
});
