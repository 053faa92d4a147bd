import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { limits } from '#base';
import { type Answer, codeOf } from './client.ts';
import {
  AddProductDocument,
  ChangeUsernameDocument,
  type OrderLineInput,
  PlaceOrderDocument,
  type PlaceOrderInput,
  RegisterUserDocument,
  RestockProductDocument,
} from './generated/graphql.ts';
import { type ServerProcess, startServerProcess, temporaryFolder } from './server-process.ts';
import { shopClient } from './shop-client.ts';

const folder = temporaryFolder();
let server: ServerProcess;
let api: ReturnType<typeof shopClient>;
beforeAll(async () => {
  server = await startServerProcess(folder.path);
  api = shopClient(server.url);
  await api.register('ada', 'Ada');
  await api.add('lantern', 10);
}, 60_000);
afterAll(async () => {
  expect(await server.end('SIGTERM')).toBe(0);
  // What clients get wrong is no fault of the server's: nothing of it is logged as one.
  expect(server.log()).not.toContain('"level":50');
  folder[Symbol.dispose]();
});
afterEach(async () => expect(await api.position()).toBe(2));

/** A mutation that would be accepted, were it not for how it is sent. */
const mutation = 'mutation { registerUser(input: { userId: "eve", username: "Eve" }) { __typename } }';
const draft = { accept: 'application/graphql-response+json' };
const refusal = async (response: Response) => [response.status, codeOf((await response.json()) as Answer<unknown>)];

interface Result {
  readonly __typename: string;
  readonly issues?: readonly { readonly path: readonly string[]; readonly message: string }[];
}

describe('an input that breaks a rule of its own', () => {
  const order = (change: Partial<PlaceOrderInput>) => {
    const input = { orderId: 'o', userId: 'ada', lines: [{ sku: 'lantern', quantity: 1 }], ...change };
    return async (): Promise<Result> => (await api.data(PlaceOrderDocument, { input })).placeOrder;
  };
  const line = (change: Partial<OrderLineInput>) => order({ lines: [{ sku: 'lantern', quantity: 1, ...change }] });
  const product = (change: { sku?: string; name?: string; price?: string; stock?: number }) => async (): Promise<Result> =>
    (await api.data(AddProductDocument, { input: { sku: 'heart', name: 'Heart', price: '2.55', ...change } })).addProduct;
  const user = (change: { userId?: string; username?: string; email?: string }) => async (): Promise<Result> =>
    (await api.data(RegisterUserDocument, { input: { userId: 'eve', username: 'Eve', ...change } })).registerUser;
  const manyLines = (count: number) => order({ lines: Array.from({ length: count }, () => ({ sku: 'lantern', quantity: 1 })) });
  const moment = /^must be a date and time such as "2010-12-01T08:26:00Z"$/;

  test.each<[string, () => Promise<Result>, ...(readonly [path: string, message: RegExp])[]]>([
    ['an empty order id', order({ orderId: '' }), ['orderId', /^must not be empty$/]],
    ['an empty user id', user({ userId: '' }), ['userId', /^must not be empty$/]],
    ['an empty SKU', product({ sku: '' }), ['sku', /^must not be empty$/]],
    ['an id of 201 characters', user({ userId: 'x'.repeat(201) }), ['userId', /at most 200/]],
    ['an id with a control character', user({ userId: 'a\u0000b' }), ['userId', /control characters/]],
    ['a price below 0', product({ price: '-0.01' }), ['price', /^must not be below 0$/]],
    ['a price with 5 fraction digits', product({ price: '0.00001' }), ['price', /decimal number/]],
    ['a price that is no number', product({ price: 'free' }), ['price', /decimal number/]],
    ["a line's price below 0", line({ unitPrice: '-1' }), ['lines.0.unitPrice', /^must not be below 0$/]],
    ['a stock below 0', product({ stock: -1 }), ['stock', /at least 0/]],
    ['a quantity of 0', line({ quantity: 0 }), ['lines.0.quantity', /at least 1/]],
    ['a quantity below 0', line({ quantity: -3 }), ['lines.0.quantity', /at least 1/]],
    ['no lines', order({ lines: [] }), ['lines', /at least one line/]],
    ['2,001 lines', manyLines(2_001), ['lines', /at most 2000 lines/]],
    ['a blank username', user({ username: ' \t\u00a0 ' }), ['username', /must not be blank/]],
    ['a username that shows nothing', user({ username: '\u200b\u00ad' }), ['username', /must not be blank/]],
    ['an e-mail address that is none', user({ email: 'ada at example' }), ['email', /e-mail address/]],
    ['a date that is a word', order({ placedAt: 'yesterday' }), ['placedAt', moment]],
    ['a day that no calendar has', order({ placedAt: '2011-02-29T10:00:00Z' }), ['placedAt', moment]],
    ['a moment without a zone', order({ placedAt: '2010-12-01T08:26:00' }), ['placedAt', moment]],
    ['a day without a time', order({ placedAt: '2010-12-01' }), ['placedAt', moment]],
    ['a moment before there were shops', order({ placedAt: '1969-12-31T23:59:59Z' }), ['placedAt', /between the years 1970 and 9999/]],
    [
      'several at once',
      order({
        orderId: '',
        userId: 'x'.repeat(201),
        placedAt: 'soon',
        lines: [
          { sku: 'lantern', quantity: 1 },
          { sku: '', quantity: 0, unitPrice: 'cheap' },
        ],
      }),
      ['orderId', /empty/],
      ['userId', /at most 200/],
      ['lines.1.sku', /empty/],
      ['lines.1.quantity', /at least 1/],
      ['lines.1.unitPrice', /decimal number/],
      ['placedAt', moment],
    ],
  ])('%s', async (_, send, ...expected) => {
    const { __typename, issues = [] } = await send();
    expect(__typename).toBe('InvalidInput');
    expect(issues.map(({ path }) => path.join('.')).sort()).toEqual(expected.map(([path]) => path).sort());
    for (const [path, message] of expected) expect(issues.find((issue) => issue.path.join('.') === path)?.message).toMatch(message);
  });

  test('options that break theirs, beside the input', async () => {
    const variables = { input: { sku: '', quantity: 0 }, options: { commandId: '', expectedVersion: -1 } };
    const { restockProduct } = await api.data(RestockProductDocument, variables);
    const issues = restockProduct.__typename === 'InvalidInput' ? restockProduct.issues : [];
    expect(issues.map(({ path }) => path.join('.'))).toEqual(['options.commandId', 'options.expectedVersion', 'sku', 'quantity']);
  });

  test('a refused rule that needs the state, and 2,000 lines, which are not too many', async () => {
    const { changeUsername } = await api.data(ChangeUsernameDocument, { input: { userId: 'eve', username: 'Eve' } });
    expect(changeUsername).toMatchObject({ __typename: 'UserNotFound', code: 'USER_NOT_FOUND' });
    expect(await manyLines(2_000)()).toMatchObject({ __typename: 'OutOfStock', requested: 2_000, available: 10 });
  });
});

describe('a document that is none, or not of this schema', () => {
  test.each([
    ['malformed', { query: 'mutation { registerUser(' }, 'GRAPHQL_PARSE_FAILED'],
    ['empty of operations', { query: 'fragment F on User { userId }' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['an unknown field', { query: mutation.replace('__typename', 'surname') }, 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown input field', { query: mutation.replace('username:', 'nickname: "E", username:') }, 'GRAPHQL_VALIDATION_FAILED'],
    ['a literal of a wrong type', { query: mutation.replace('"Eve"', '7') }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable of a wrong type',
      { query: String(RegisterUserDocument), variables: { input: { userId: 'eve', username: 7 } } },
      'BAD_USER_INPUT',
    ],
    ['a variable that is missing', { query: String(RegisterUserDocument) }, 'BAD_USER_INPUT'],
    [
      'a decimal as a number',
      { query: String(AddProductDocument), variables: { input: { sku: 'x', name: 'X', price: 1.5 } } },
      'BAD_USER_INPUT',
    ],
    ['an operation that there is none of', { query: mutation, operationName: 'Other' }, 'OPERATION_RESOLUTION_FAILURE'],
  ])('%s', async (_, body, code) => {
    expect(await refusal(await api.post(body, draft))).toEqual([400, code]);
    const older = await api.post(body);
    const { data, errors } = (await older.json()) as Answer<unknown>;
    expect([older.status, data]).toEqual([200, undefined]);
    expect(errors?.[0]?.extensions?.['code']).toBe(code);
    for (const { message, extensions } of errors ?? [])
      expect([message, extensions?.['hint']]).toEqual([expect.any(String), expect.any(String)]);
  });
});

describe('a request that is none of GraphQL', () => {
  const json = JSON.stringify({ query: mutation });
  const form = `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${json}\r\n--x--\r\n`;

  test.each([
    ['application/x-www-form-urlencoded', `query=${encodeURIComponent(mutation)}`],
    ['multipart/form-data; boundary=x', form],
    ['text/plain', json],
    ['application/graphql', mutation],
    ['application/xml', '<mutation/>'],
    ['', json],
  ])('a body of type %j', async (type, body) => {
    const response = await api.post(body, { 'content-type': type });
    const { errors } = (await response.clone().json()) as Answer<unknown>;
    expect(await refusal(response)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.message).toMatch(/^[^\n]+\.$/);
  });

  test.each(['', '{', 'mutation { x }', '[]', `[${json}]`, '"query"', 'null', '{"query":7}'])('the body %j', async (body) => {
    expect(await refusal(await api.post(body))).toEqual([400, 'BAD_REQUEST']);
  });

  test('a body over 1 MiB, its length said or not', async () => {
    const large = JSON.stringify({ query: mutation, variables: { x: 'x'.repeat(limits.bodyBytesMax) } });
    expect(await refusal(await api.post(large))).toEqual([413, 'BODY_TOO_LARGE']);
    const chunked = await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
      const sending = request(server.url, { method: 'POST', headers }, async (response) => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve([response.statusCode, codeOf(JSON.parse(text))]);
      });
      sending.on('error', reject);
      for (let at = 0; at < large.length; at += 50_000) sending.write(large.slice(at, at + 50_000));
      sending.end();
    });
    expect(chunked).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('a mutation by GET', async () => {
    const response = await fetch(`${server.url}?query=${encodeURIComponent(mutation)}`, { headers: { accept: 'application/json' } });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test.each(['https://evil.example', 'http://127.0.0.1:1', 'null'])('a page of the origin %s', async (origin) => {
    const preflight = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
    for (const response of [
      await api.post({ query: mutation }, { origin }),
      await fetch(server.url, { headers: { origin, accept: 'application/json' } }),
      await fetch(server.url, { method: 'OPTIONS', headers: preflight }),
    ]) {
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(await refusal(response)).toEqual([403, 'ORIGIN_REFUSED']);
    }
  });
});

describe('a document that is too much', () => {
  const times = (count: number, make: (i: number) => string) => Array.from({ length: count }, (_, i) => make(i)).join(' ');
  const doubling = `{ ...F0 } ${times(200, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F200 on Query { position }`;
  const paged = 'query ($rows: Int) { orders(first: $rows) { totalCount } }';
  // 3 tokens each, and 3 around them.
  const fields = (count: number) => `query { ${times(count, (i) => `f${i}: position`)} }`.replaceAll(': ', ':');

  test.each<[string, { query: string; variables?: object }, string]>([
    ['of 15,001 characters', { query: `{ position } #${'x'.repeat(14_987)}` }, 'DOCUMENT_TOO_LONG'],
    ['of 3,001 tokens', { query: fields(999).replace('query', 'query Q') }, 'DOCUMENT_TOO_MANY_TOKENS'],
    ['nested until the parser gives way', { query: '{a'.repeat(1_490) }, 'DOCUMENT_TOO_DEEP'],
    ['nested in a value', { query: `{ order(orderId: ${'['.repeat(1_400)}${']'.repeat(1_400)}) { total } }` }, 'DOCUMENT_TOO_DEEP'],
    [
      'nested in relations',
      { query: `{ orders { nodes ${'{ user { orders { nodes '.repeat(6)}{ total }${' } } }'.repeat(6)} } }` },
      'DOCUMENT_TOO_DEEP',
    ],
    ['of fragments used twice each, 2ⁿ fields', { query: doubling }, 'DOCUMENT_TOO_LARGE'],
    ['for 201 rows', { query: '{ orders(first: 201) { totalCount } }' }, 'PAGE_TOO_LARGE'],
    ['for 201 rows by a variable', { query: paged, variables: { rows: 201 } }, 'PAGE_TOO_LARGE'],
    ['for 201 rows from the end', { query: '{ orders(last: 201) { totalCount } }' }, 'PAGE_TOO_LARGE'],
    ['for 201 events', { query: '{ events(first: 201) { nodes { type } } }' }, 'PAGE_TOO_LARGE'],
    [
      'for pages of pages',
      { query: '{ users(first: 200) { nodes { orders(first: 200) { nodes { total status } } } } }' },
      'DOCUMENT_TOO_COSTLY',
    ],
  ])('%s is refused at once', async (name, { query, variables }, code) => {
    const times: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const begun = performance.now();
      // Another document each time, so that no cache knows it.
      const response = await api.post({ query: `${query} #${run}`, variables });
      const answered = await refusal(response);
      times.push(performance.now() - begun);
      expect(answered).toEqual([400, code]);
    }
    const [, , median = Number.NaN] = times.toSorted((a, b) => a - b);
    console.log(`${name}: refused in ${median.toFixed(1)} ms (50 wanted)`);
    expect(median).toBeLessThan(250);
  });

  test.each<[string, { query: string; variables?: object }, number]>([
    ['a document', { query: `{ orders(filter: { ${times(899, (i) => `a${i}:1`)} }) { totalCount } }` }, limits.errorsMax],
    ['one name in it', { query: `{ ${'x'.repeat(14_000)} }` }, 1],
    [
      'variables',
      {
        query: String(RegisterUserDocument),
        variables: { input: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`a${i}`, 'x'])) },
      },
      limits.variableErrorsMax,
    ],
  ])('%s with faults without end is answered with some of them, each cut short', async (_, body, most) => {
    const { errors = [] } = (await (await api.post(body)).json()) as Answer<unknown>;
    // One more says that there are more.
    expect([most, most + 1]).toContain(errors.length);
    for (const { message } of errors) expect(message.length).toBeLessThanOrEqual(limits.errorLengthMax + 1);
  });

  test('what is just not too much is answered', async () => {
    for (const query of [`{ position } #${'x'.repeat(14_986)}`, fields(999), '{ orders(first: 200) { totalCount } }']) {
      const response = await api.post({ query });
      expect([response.status, codeOf((await response.json()) as Answer<unknown>)]).toEqual([200, undefined]);
    }
    expect([`{ position } #${'x'.repeat(14_986)}`.length, fields(999).length <= 15_000]).toEqual([15_000, true]);
  });
});
