const againMs = 3_000;

/**
 * Follows a GraphQL subscription for as long as the page is open.
 *
 * A connection that is cut is the browser's to mend: an EventSource comes back by itself, and says in `Last-Event-ID` what it saw last, so that
 * the server goes on from there. It gives up where the answer is no stream (from a proxy whose server is away, or one that does not let this page in).
 * Another one is opened then, which begins anew, for only the first knew how far it had come; so too where the server cannot go on.
 *
 * @param {URL} url where GraphQL is
 * @param {string} subscription
 * @param {{
 *   onBegin(): void,
 *   onMessage(data: object): void,
 *   onState(state: 'connecting' | 'live' | 'cut' | 'refused', reason?: string): void,
 * }} listener `onBegin`: the stream begins, or begins anew; what was heard before is of no use
 */
export function follow(url, subscription, listener) {
  const address = new URL(url);
  address.searchParams.set('query', subscription);
  listener.onState('connecting');
  open(address, listener);
}

function open(address, listener) {
  const source = new EventSource(address);
  let lastId = '';
  const beginAnew = (reason) => {
    source.close();
    listener.onState('refused', reason);
    setTimeout(open, againMs, address, listener);
  };
  source.onopen = () => {
    if (lastId === '' || lastId === 'anew') listener.onBegin();
    listener.onState('live');
  };
  source.onerror = () => (source.readyState === EventSource.CLOSED ? beginAnew() : listener.onState('cut'));
  source.addEventListener('next', ({ data: text, lastEventId }) => {
    const { data, errors } = JSON.parse(text);
    if (errors) return beginAnew(errors[0].message);
    // `anew` amid a snapshot: whoever is cut off there has nothing to go on from.
    lastId = lastEventId;
    listener.onMessage(data);
  });
  // The server has said all that it will say: without this, the EventSource would ask again and again.
  source.addEventListener('complete', () => beginAnew('The server ended the stream.'));
}
