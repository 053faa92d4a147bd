import { expect, test } from 'vitest';

import { eventsOf } from '../data-folder.ts';
import { AddProductDocument } from '../generated/graphql.ts';
import { startServerProcess, temporaryFolder } from '../server-process.ts';
import { shopClient } from '../shop-client.ts';
import { noTrace, trace } from './strace.ts';

if (noTrace) console.log(`tests of what the disk is told are skipped: ${noTrace}`);

const product = (sku: string) => ({ input: { sku, name: 'Lantern', price: '1.00', stock: 1 }, options: { commandId: `add-${sku}` } });

test.skipIf(noTrace)('no command is answered before its commit is synced', async () => {
  using folder = temporaryFolder();
  await using server = await startServerProcess(folder.path);
  const api = shopClient(server.url);
  await api.data(AddProductDocument, product('first'));
  const tracing = await trace(server.pid, '-e', 'trace=fsync,write,writev,sendto');
  for (let i = 0; i < 20; i++) await api.data(AddProductDocument, product(`p-${i}`));
  const order = (await tracing.end()).flatMap((line) =>
    /fsync.*= 0$/.test(line) ? 'synced' : /HTTP\/1\.1 20/.test(line) ? 'answered' : [],
  );
  expect(order).toEqual(Array.from({ length: 20 }, () => ['synced', 'answered']).flat());
});

test.skipIf(noTrace).each(['at once', 'after a kill'])(
  'a commit whose sync fails is answered as unknown; sent again %s, the command is there once',
  async (when) => {
    using folder = temporaryFolder();
    const server = await startServerProcess(folder.path);
    const api = shopClient(server.url);
    await api.data(AddProductDocument, product('before'));
    const failing = await trace(server.pid, '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO');
    for (const answer of await Promise.all(skus.map((sku) => api.ask(AddProductDocument, product(sku)))))
      expect(answer.errors?.[0]?.extensions).toMatchObject({
        code: 'OUTCOME_UNKNOWN',
        retryable: true,
        hint: expect.stringContaining('same commandId'),
      });
    // Reads go on, and nobody is shown what may not be there.
    expect(await api.stockOf('a')).toBeUndefined();
    expect(await api.position()).toBe(1);
    await failing.end();
    if (when === 'at once') await expectEachOnce(server.url);
    await server.end('SIGKILL');

    await using again = await startServerProcess(folder.path);
    await expectEachOnce(again.url);
    await again.end('SIGTERM');
    expect(eventsOf(folder.path).map(({ commandId }) => commandId)).toHaveLength(1 + skus.length);
  },
);

const skus = ['a', 'b', 'c'];

async function expectEachOnce(url: string): Promise<void> {
  const api = shopClient(url);
  for (const sku of skus)
    expect(await api.data(AddProductDocument, product(sku))).toMatchObject({ addProduct: { __typename: 'ProductAccepted' } });
  expect(await api.position()).toBe(1 + skus.length);
}
