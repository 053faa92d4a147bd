import { serverAudits } from 'graphql-http';
import { afterAll, describe, expect, it } from 'vitest';
import { startTestServer } from './server.fixture.ts';

describe.each([{ shortWay: true }, { shortWay: false }])('GraphQL over HTTP, short way: $shortWay', async ({ shortWay }) => {
  const server = await startTestServer({ shortWay });
  afterAll(() => server.close());
  for (const audit of serverAudits({ url: server.endpoint })) {
    it(`${audit.id}: ${audit.name}`, async () => {
      const result = await audit.fn();
      expect(result.status === 'ok' ? '' : result.reason).toBe('');
    });
  }
});
