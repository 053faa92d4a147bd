import type { ServerProcess } from './processes.ts';

/** From when a command was sent to one process to when a subscriber of another one was told of its change. */
export interface Lag {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const perSecond = 500;
const stepMs = 10;

/** Sends commands to one process for so long, and follows them at the other. */
export async function lag(to: ServerProcess, at: ServerProcess, seconds: number): Promise<Lag> {
  const over = new AbortController();
  const tookMs: number[] = [];
  const response = await post(
    at,
    { query: 'subscription { productsChanged { product { name } } }' },
    { accept: 'text/event-stream', signal: over.signal },
  );
  const following = follow(response, (sentMs) => tookMs.push(performance.now() - sentMs)).catch((fault: unknown) => {
    if (!over.signal.aborted) throw fault;
  });
  const query = 'mutation($input: AddProductInput!) { addProduct(input: $input) { __typename } }';
  const sending: Promise<unknown>[] = [];
  // No product of an earlier round.
  const run = Math.round(performance.timeOrigin + performance.now());
  let sent = 0;
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    for (let i = 0; i < (perSecond * stepMs) / 1000; i++) {
      sent += 1;
      const input = { sku: `lag-${run}-${sent}`, name: String(performance.now()), price: '1.00', stock: 1 };
      sending.push(post(to, { query, variables: { input } }, { accept: 'application/json' }).then((answer) => answer.text()));
    }
    await new Promise((resolve) => setTimeout(resolve, stepMs));
  }
  await Promise.all(sending);
  for (const until = performance.now() + 5_000; tookMs.length < sent && performance.now() < until; )
    await new Promise((resolve) => setTimeout(resolve, 10));
  over.abort();
  await following;
  if (tookMs.length !== sent) throw new Error(`The subscriber was told of ${tookMs.length} changes of ${sent}.`);
  tookMs.sort((a, b) => a - b);
  const share = (part: number) => tookMs[Math.floor(tookMs.length * part)] ?? Number.NaN;
  return { p50Ms: share(0.5), p99Ms: share(0.99) };
}

function post(
  { port }: ServerProcess,
  body: object,
  { accept, signal }: { readonly accept: string; readonly signal?: AbortSignal },
): Promise<Response> {
  const headers = { 'content-type': 'application/json', accept };
  return fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body: JSON.stringify(body), ...(signal && { signal }) });
}

async function follow(response: Response, told: (sentMs: number) => void): Promise<void> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const [, name] = /"name":"([\d.]+)"/.exec(event) ?? [];
      if (name !== undefined) told(Number(name));
    }
  }
}
