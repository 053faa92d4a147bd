import { getIntrospectionQuery } from 'graphql';
import { afterAll, describe, expect, it } from 'vitest';
import { limits } from '#base';
import { hostile } from './hostile.fixture.ts';
import { errorOf, post, startTestServer } from './server.fixture.ts';

const draft = { accept: 'application/graphql-response+json' };

describe('documents made to hurt', async () => {
  const server = await startTestServer();
  afterAll(() => server.close());
  await post(server.endpoint, { query: '{ hello }' });

  for (const [name, [query, code]] of Object.entries(hostile)) {
    it(`${name}: ${code ?? 'answered'}, within 50 ms`, async () => {
      const times: number[] = [];
      for (let run = 0; run < 5; run += 1) {
        // The processor's time of this process, client and server both: a busy machine does not count.
        const begun = process.cpuUsage();
        // A comment at the end keeps the cache from knowing the document.
        const response = await post(server.endpoint, { query: `${query} #${run}` }, draft);
        const { user, system } = process.cpuUsage(begun);
        times.push((user + system) / 1_000);
        if (code === null) await response.json();
        else expect([response.status, (await errorOf(response)).extensions['code']]).toEqual([400, code]);
      }
      const [, , median = 0] = times.toSorted((a, b) => a - b);
      if (process.env['SHOW_TIMES'])
        console.log(
          median.toFixed(1).padStart(6),
          Math.max(...times)
            .toFixed(1)
            .padStart(6),
          name,
          query.length,
        );
      // The least of five: a busy neighbour costs a run, not all of them.
      expect(Math.min(...times)).toBeLessThan(50);
    });
  }
});

describe('documents that are held to limits', async () => {
  const server = await startTestServer();
  afterAll(() => server.close());
  const codeOf = async (body: object): Promise<unknown> => {
    const { errors } = await (await post(server.endpoint, body, draft)).json();
    return errors?.[0].extensions.code;
  };

  it("lets standard introspection pass, and GraphiQL's", async () => {
    for (const query of [
      getIntrospectionQuery(),
      getIntrospectionQuery({ schemaDescription: true, inputValueDeprecation: true, oneOf: true, specifiedByUrl: true }),
    ]) {
      const response = await post(server.endpoint, { query });
      expect((await response.json()).data.__schema.queryType.name).toBe('Query');
    }
  });

  it('reads page sizes from variables, each time anew', async () => {
    const query = 'query ($rows: Int) { items(first: $rows) { name } }';
    expect(await codeOf({ query, variables: { rows: 200 } })).toBeUndefined();
    expect(await codeOf({ query, variables: { rows: 201 } })).toBe('PAGE_TOO_LARGE');
    expect(await codeOf({ query, variables: {} })).toBeUndefined();
    expect(await codeOf({ query, variables: { rows: null } })).toBeUndefined();
    expect(await codeOf({ query, variables: { rows: '201' } })).toBe('BAD_USER_INPUT');
  });

  it('multiplies pages, an unsaid one by its default, a list of ids by its length', async () => {
    const below = (rows: string): string => `items(first: 200) { items${rows} { name } }`;
    expect(await codeOf({ query: `{ ${below('(first: 100)')} }` })).toBeUndefined();
    expect(await codeOf({ query: `{ ${below('')} }` })).toBeUndefined();
    expect(await codeOf({ query: '{ items { items { items { items { name } } } } }' })).toBe('DOCUMENT_TOO_COSTLY');
    const query = 'query ($ids: [String]!) { nodes(ids: $ids) { items(first: 200) { name again { name } } } }';
    expect(await codeOf({ query, variables: { ids: ['1'] } })).toBeUndefined();
    expect(await codeOf({ query, variables: { ids: Array.from({ length: 200 }, String) } })).toBe('DOCUMENT_TOO_COSTLY');
  });

  it('nests as deep as it may, and no deeper', async () => {
    const fields = (depth: number) => `{ item ${'{ again '.repeat(depth - 2)}{ name ${'}'.repeat(depth)}`;
    expect(await codeOf({ query: fields(limits.documentDepthMax) })).toBeUndefined();
    expect(await codeOf({ query: fields(limits.documentDepthMax + 1) })).toBe('DOCUMENT_TOO_DEEP');
    // Two brackets stand around the value.
    const value = (depth: number) => `{ item(x: ${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}) { name } }`;
    expect(await codeOf({ query: value(limits.documentNestingMax) })).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(await codeOf({ query: value(limits.documentNestingMax + 1) })).toBe('DOCUMENT_TOO_DEEP');
  });

  it('asks for as many fields as it may, and no more', async () => {
    const fields = (count: number) => `{ ${Array.from({ length: count }, (_, i) => `f${i}`).join(' ')} }`;
    expect(await codeOf({ query: fields(limits.documentFieldsMax) })).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(await codeOf({ query: fields(limits.documentFieldsMax + 1) })).toBe('DOCUMENT_TOO_LARGE');
  });

  it('has as many fields of one name as it may, and no more', async () => {
    const most = Math.floor(Math.sqrt(limits.documentPairsMax));
    expect(await codeOf({ query: `{ ${'hello '.repeat(most)}}` })).toBeUndefined();
    expect(await codeOf({ query: `{ ${'hello '.repeat(most + 1)}}` })).toBe('DOCUMENT_TOO_LARGE');
  });

  it('counts a list that no page bounds as some entries', async () => {
    const below = (rows: number) => `{ items(first: ${rows}) { parts { parts { parts { name } } } } }`;
    expect(await codeOf({ query: below(40) })).toBeUndefined();
    expect(await codeOf({ query: below(50) })).toBe('DOCUMENT_TOO_COSTLY');
  });

  it('weighs only the operation that was named', async () => {
    const query = 'query Large { items(first: 201) { name } } query Small { items(first: 1) { name } }';
    expect(await codeOf({ query, operationName: 'Small' })).toBeUndefined();
    expect(await codeOf({ query, operationName: 'Large' })).toBe('PAGE_TOO_LARGE');
    expect(await codeOf({ query })).toBe('OPERATION_RESOLUTION_FAILURE');
  });

  it('says 400 with the older media type too', async () => {
    const response = await post(server.endpoint, { query: '{ items(first: 201) { name } }' }, { accept: 'application/json' });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toEqual({
      message: 'items is asked for 201 rows; a page has at most 200.',
      extensions: { code: 'PAGE_TOO_LARGE', hint: 'Ask for a smaller page and go on from its `endCursor`.' },
    });
  });
});
