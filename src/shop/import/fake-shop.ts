import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const Request = z.object({
  query: z.string(),
  variables: z.object({ input: z.record(z.string(), z.unknown()), options: z.object({ commandId: z.string() }) }).optional(),
});

/** What a test makes the server do: another answer, a cut connection, or `undefined` for the usual one. */
type Trick = { readonly status?: number; readonly body: unknown } | 'CUT' | undefined;

/** @param count how often this command has come, this time included */
type Trickster = (commandId: string, count: number) => Trick | Promise<Trick>;

export interface FakeShop extends AsyncDisposable {
  readonly url: URL;
  /** Inputs accepted, by commandId, in order. */
  readonly receipts: Map<string, Readonly<Record<string, unknown>>>;
  /** The most requests that were in flight together. */
  readonly inFlightMax: () => number;
}

/** For tests: a server that accepts every command once and replays it after that; no rule of the shop, no state but the receipts. */
export async function fakeShop(trick: Trickster = () => undefined): Promise<FakeShop> {
  const receipts: FakeShop['receipts'] = new Map();
  const counts = new Map<string, number>();
  let inFlight = 0;
  let inFlightMax = 0;
  const server = createServer(async (request, response) => {
    inFlight += 1;
    inFlightMax = Math.max(inFlightMax, inFlight);
    const { variables } = Request.parse(await json(request));
    const id = variables?.options.commandId ?? 'probe';
    counts.set(id, (counts.get(id) ?? 0) + 1);
    const played = await trick(id, counts.get(id) ?? 0);
    inFlight -= 1;
    if (played === 'CUT') {
      request.socket.destroy();
      return;
    }
    const body = played?.body ?? (variables ? accept(receipts, id, variables.input) : { data: { position: '0' } });
    response.writeHead(played?.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: new URL(`http://127.0.0.1:${port}/graphql`),
    receipts,
    inFlightMax: () => inFlightMax,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function accept(receipts: FakeShop['receipts'], id: string, input: Readonly<Record<string, unknown>>) {
  const replayed = receipts.has(id);
  receipts.set(id, receipts.get(id) ?? input);
  return { data: { result: { __typename: 'Accepted', position: String(receipts.size), replayed } } };
}

/** The body of a refusal. */
export function refusal(type: string, code: string) {
  return { data: { result: { __typename: type, code, message: `${type}!` } } };
}
