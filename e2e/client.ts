import { PositionDocument, type TypedDocumentString } from './generated/graphql.ts';

/** What a GraphQL server answers. */
export interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
  readonly extensions?: { readonly position?: string };
}

type Headers = Readonly<Record<string, string>>;
const jsonHeaders: Headers = { 'content-type': 'application/json', accept: 'application/json' };

/** A client as a frontend developer would write one: typed documents and fetch. */
export function client(url: string) {
  /** Sends any body: text and bytes as they are, the rest as JSON. */
  const post = async (body: unknown, headers: Headers = {}): Promise<Response> =>
    fetch(url, { method: 'POST', headers: { ...jsonHeaders, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const ask = async <Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    headers: Headers = {},
  ): Promise<Answer<Data>> => (await (await post({ query: String(document), variables }, headers)).json()) as Answer<Data>;
  /** The data of an operation that must succeed. */
  const data = async <Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data> => {
    const answer = await ask(document, variables);
    if (!answer.data || answer.errors) throw new Error(`no data: ${JSON.stringify(answer.errors)}`);
    return answer.data;
  };
  const position = async (): Promise<number> => Number((await data(PositionDocument, {})).position);
  return { url, post, ask, data, position };
}

/** An error's code, as programs switch on it. */
export const codeOf = ({ errors }: Answer<unknown>): unknown => errors?.[0]?.extensions?.['code'];

/** One message of a live stream, with the `id` that an EventSource would remember. */
interface Message<Data> extends Answer<Data> {
  readonly id: string | undefined;
}

/** A live stream, read message by message. */
export interface LiveStream<Data> extends AsyncDisposable {
  /** The next message's data. */
  next(): Promise<Data>;
  /** The next message, whole; undefined where the server has said that the stream is complete. */
  message(): Promise<Message<Data> | undefined>;
}

/** Opens a subscription over SSE; disposing of it closes the connection. */
export async function subscribe<Data, Variables>(
  url: string,
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): Promise<LiveStream<Data>> {
  const stop = new AbortController();
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...jsonHeaders, accept: 'text/event-stream' },
    body: JSON.stringify({ query: String(document), variables }),
    signal: stop.signal,
  });
  if (!response.ok || !response.body) throw new Error(`no stream: ${response.status} ${await response.text()}`);
  const messages = messagesOf<Data>(response.body);
  const message = async () => (await messages.next()).value ?? undefined;
  const next = async () => {
    const { data, errors } = (await message()) ?? {};
    if (!data) throw new Error(`no data: ${JSON.stringify(errors)}`);
    return data;
  };
  return { next, message, [Symbol.asyncDispose]: async () => stop.abort() };
}

/** Reads GraphQL over SSE. Ends at `complete`; throws where the connection ends without it. */
async function* messagesOf<Data>(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Message<Data>, void, undefined> {
  let received = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    received += chunk;
    const blocks = received.split('\n\n');
    received = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      if (field('event') === 'complete') return;
      if (field('event') === 'next') yield { ...(JSON.parse(field('data') ?? 'null') as Answer<Data>), id: field('id') };
    }
  }
  throw new Error('the stream broke off');
}
