import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test, vi } from 'vitest';
import type { OrderMessage } from '../../docs/examples/clients/eventsource.ts';
import { overSse, overWebSocket, type Request, resuming, type Sink } from '../../docs/examples/clients/resume.ts';
import { ChangeUsernameDocument, FollowOrderDocument, FollowOrdersDocument, LogEventsDocument } from '../generated/graphql.ts';
import { startProxy } from '../proxy.ts';
import { startServerProcess, temporaryFolder } from '../server-process.ts';
import { shopClient } from '../shop-client.ts';

const soon = { timeout: 15_000, interval: 5 };
const until = (list: readonly unknown[], length: number) => vi.waitFor(() => expect(list.length).toBeGreaterThanOrEqual(length), soon);
const wait = () => new Promise<void>((resolve) => setTimeout(resolve, 20));

test('streams over SSE, WebSocket and an EventSource go on with the next server', async () => {
  using folder = temporaryFolder();
  await using stack = new AsyncDisposableStack();
  const first = stack.use(await startServerProcess(folder.path));
  const proxy = stack.use(await startProxy(first.url));
  const api = shopClient(first.url);
  await api.register('user');
  await api.add('thing', 10);
  await api.place('order', 'user', 'thing', 1);
  const errors: unknown[] = [];
  const seen: readonly OrderMessage[][] = [[], [], []];
  for (const [i, connect] of [overSse, overWebSocket].entries()) {
    const transport = connect(proxy.url, wait);
    // What the document asks for is in the data.
    const next: Sink['next'] = ({ data }) => seen[i]?.push(data?.['orderChanged'] as OrderMessage);
    const sink: Sink = { next, error: (error) => errors.push(error), complete: () => {} };
    stack.defer(transport.subscribe({ query: String(FollowOrderDocument), variables: { orderId: 'order' } }, sink));
  }
  stack.use(eventSource(proxy.url, 'order', (message) => seen[2]?.push(message)));
  for (const messages of seen) await until(messages, 1);
  expect(await first.end('SIGTERM')).toBe(0);
  const second = stack.use(await startServerProcess(folder.path));
  const rename = (username: string) => shopClient(second.url).data(ChangeUsernameDocument, { input: { userId: 'user', username } });
  await rename('While');
  await rename('Away');
  proxy.leadTo(second.url);
  for (const messages of seen) await until(messages, 3);
  await rename('Back');
  for (const messages of seen) await until(messages, 4);
  const usernames = seen.map((messages) => messages.map(({ order }) => order?.username));
  expect(usernames).toEqual(seen.map(() => ['user', 'While', 'Away', 'Back']));
  expect(errors).toEqual([]);
}, 60_000);

/**
 * An EventSource in a Node of its own, which has one behind a flag. Unlike a browser's it comes back only where a response has ended, as a server's
 * does that stops, and not where the connection broke.
 */
function eventSource(url: string, orderId: string, take: (message: OrderMessage) => void): AsyncDisposable {
  const path = join(import.meta.dirname, '../../docs/examples/clients/eventsource.ts');
  const [from, ...words] = [path, url, orderId].map((text) => JSON.stringify(text));
  // The timer: its process would not wait for it to come back.
  const program = `import { followOrder } from ${from}; setInterval(() => {}, 1000);
    followOrder(${words}, (message) => console.log(JSON.stringify(message)));`;
  const child = spawn(process.execPath, ['--experimental-eventsource', '--no-warnings', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface(child.stdout).on('line', (line) => take(JSON.parse(line)));
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

describe('the place that is sent when a stream is cut off', () => {
  const [one, many, log] = [String(FollowOrderDocument), String(FollowOrdersDocument), String(LogEventsDocument)];
  const changed = { kind: 'CHANGED', position: '7', orderId: 'a', order: null };
  const snapshot = { kind: 'SNAPSHOT', position: '7', orderId: 'a', order: null };
  const resync = { kind: 'RESYNC', position: '7', orderId: '', order: null };
  const start = { after: '5', afterKey: 'z' };
  test.each([
    ['after a change of one', one, {}, changed, { after: '7' }],
    ['after the snapshot of one', one, {}, snapshot, { after: '7' }],
    ['after a RESYNC of one: none, it begins anew', one, { after: '5' }, resync, {}],
    ['after a change among many', many, start, changed, { after: '7', afterKey: 'a' }],
    ['amid a snapshot of many: none, it begins anew', many, { snapshot: 10 }, snapshot, { snapshot: 10 }],
    ['after a RESYNC, with a snapshot to come: none', many, { ...start, snapshot: 10 }, resync, { snapshot: 10 }],
    ['after a RESYNC, without a snapshot to come', many, start, resync, { after: '7' }],
    ['after an event', log, {}, { position: '7', type: 'OrderPaid', stream: 'order-a' }, { after: '7' }],
    ['where the document takes none', 'subscription { productsChanged { kind position } }', {}, changed, {}],
    ['after an error: as it was', many, start, undefined, start],
  ] as const)('%s', (_, query, variables, message, expected) => {
    let sent: Request | undefined;
    const results: unknown[] = [];
    const transport = resuming({
      subscribe: (request: Request, sink: Sink) => {
        sent = request;
        sink.next(message ? { data: { stream: message } } : { data: null });
        return () => {};
      },
    });
    transport.subscribe({ query, variables }, { next: (result) => results.push(result), error: () => {}, complete: () => {} });
    const place = JSON.parse(JSON.stringify(sent?.variables));
    expect(place).toEqual(expected);
    expect(results).toEqual([message ? { data: { stream: message }, extensions: { position: '7' } } : { data: null }]);
  });
});
