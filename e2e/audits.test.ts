import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startServerProcess, temporaryFolder } from './server-process.ts';

const folder = temporaryFolder();
let server: ServerProcess;
beforeAll(async () => {
  server = await startServerProcess(folder.path);
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** What the GraphQL-over-HTTP draft says servers must, should and may do, asked of the shop as it is served. */
describe('GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => server.url });

  test('has its audits', () => {
    const count = (word: string) => audits.filter(({ name }) => name.startsWith(word)).length;
    expect(count('MUST')).toBeGreaterThan(5);
    expect(count('SHOULD')).toBeGreaterThan(20);
  });

  for (const { id, name, fn } of audits) {
    test(`${id}: ${name}`, async () => {
      const result = await fn();
      expect(result.status === 'ok' ? '' : result.reason).toBe('');
    });
  }
});
