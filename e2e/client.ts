import type { TypedDocumentString } from './generated/graphql.ts';

/** What a GraphQL server answers. */
export interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
  readonly extensions?: { readonly position?: string };
}

/** A client as a frontend developer would write one: typed documents and fetch. */
export function client(url: string) {
  const post = async (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const ask = async <Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<Data>> => (await (await post({ query: String(document), variables }, headers)).json()) as Answer<Data>;
  /** The data of an operation that must succeed. */
  const data = async <Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data> => {
    const answer = await ask(document, variables);
    if (!answer.data || answer.errors) throw new Error(`no data: ${JSON.stringify(answer.errors)}`);
    return answer.data;
  };
  return { url, post, ask, data };
}

/** The messages of a subscription over SSE, one by one; breaking off the loop closes the connection. */
export async function* subscribe<Data, Variables>(
  url: string,
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
): AsyncGenerator<Answer<Data>, void, undefined> {
  const stop = new AbortController();
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query: String(document), variables }),
    signal: stop.signal,
  });
  if (!response.ok || !response.body) throw new Error(`no stream: ${response.status} ${await response.text()}`);
  try {
    let received = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      received += chunk;
      const blocks = received.split('\n\n');
      received = blocks.pop() ?? '';
      for (const block of blocks) {
        const lines = block.split('\n');
        if (!lines.includes('event: next')) continue;
        yield JSON.parse(lines.find((line) => line.startsWith('data: '))?.slice(6) ?? 'null') as Answer<Data>;
      }
    }
  } finally {
    stop.abort();
  }
}
