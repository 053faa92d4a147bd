import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { AddProductDocument } from './generated/graphql.ts';
import { pause } from './load.ts';
import { startServerProcess, temporaryFolder } from './server-process.ts';
import { shopClient } from './shop-client.ts';
import { openSse } from './streams/connections.ts';

const addTo = (url: string) => (sku: string) =>
  shopClient(url).data(AddProductDocument, { input: { sku, name: sku, price: '1', stock: 1 } });

/** The EventSource that Node has (undici's, by the WHATWG's text), in a process of its own that says what it hears. */
function eventSource(url: string, query: string) {
  // Undici's waits for a while that does not keep a process.
  const script = `
    setInterval(() => {}, 1_000);
    const source = new EventSource(${JSON.stringify(`${url}?query=${encodeURIComponent(query)}`)});
    source.onerror = () => source.readyState === EventSource.CLOSED && console.log('CLOSED');
    source.addEventListener('next', ({ data }) => console.log(JSON.parse(data).data.productsChanged.sku));`;
  const child = spawn(process.execPath, ['--experimental-eventsource', '--no-warnings', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let heard = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  return { heard: () => heard, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

test('an EventSource outlives a server that takes its time to stop, and goes on at the next one', async () => {
  using folder = temporaryFolder();
  await using first = await startServerProcess(folder.path);
  using source = eventSource(first.url, 'subscription { productsChanged(after: "0") { sku } }');
  await addTo(first.url)('A');
  await expect.poll(source.heard, { timeout: 10_000 }).toBe('A\n');
  // It waits for what will not come, and the server for it: longer than an EventSource waits before it comes back.
  const headers = { 'content-type': 'application/json', 'varve-at-least': '1000000' };
  const slow = fetch(first.url, { method: 'POST', headers, body: '{"query":"{ position }"}' });
  await pause(200);
  const stopping = performance.now();
  expect(await first.end('SIGTERM')).toBe(0);
  expect(performance.now() - stopping).toBeGreaterThan(2_000);
  expect((await slow).status).toBe(504);
  await using second = await startServerProcess(folder.path, { PORT: new URL(first.url).port });
  await addTo(second.url)('B');
  await expect.poll(source.heard, { timeout: 10_000 }).toBe('A\nB\n');
}, 60_000);

test('an EventSource that is cut off amid the snapshot after RESYNC begins anew, whatever its URL says', async () => {
  using folder = temporaryFolder();
  await using server = await startServerProcess(folder.path);
  for (const sku of ['A', 'B', 'C']) await addTo(server.url)(sku);
  const query = 'subscription { productsChanged(after: "3", snapshot: 200) { kind sku } }';
  /** What it is told until the last row of a snapshot, and by which ids. */
  const told = async (lastId: string) => {
    const messages: string[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const next = ({ data }: { readonly data?: unknown }, id?: string) => {
      const { kind, sku } = (data as { productsChanged: { kind: string; sku: string } }).productsChanged;
      messages.push(`${kind} ${sku} ${id}`);
      if (sku === 'C') resolve();
    };
    const connection = openSse({ url: server.url }, { query, variables: {}, lastId }, { next, id: () => {}, ended: reject });
    await promise;
    connection.cut();
    return messages;
  };
  // Amid the position before the first one nobody has ever been: as if the journal had forgotten it.
  const snapshot = ['SNAPSHOT A anew', 'SNAPSHOT B anew', 'SNAPSHOT C 3'];
  expect(await told('0:')).toEqual(['RESYNC  anew', ...snapshot]);
  expect(await told('anew')).toEqual(snapshot);
}, 60_000);
