/**
 * The operations of one WebSocket by numbers. A client may use an id again as soon as it has given it up, though what it asked for under it is still
 * at work. So graphql-ws is told a number of its own for each operation, and what it says of one that was given up is not sent.
 */
export class OperationNumbers {
  #last = 0;
  /** By the client's id. */
  readonly #numbers = new Map<string, string>();
  /** By number. */
  readonly #ids = new Map<string, string>();

  /** How many are open. */
  get count(): number {
    return this.#ids.size;
  }

  /** The client's id of an operation; undefined where the client gave it up, or has heard its end. */
  idOf(number: string): string | undefined {
    return this.#ids.get(number);
  }

  /** What a client says, by numbers. An id that is in use keeps its number, which graphql-ws refuses. */
  heard(text: string): string {
    const message = messageIn(text);
    if (message?.type !== 'subscribe' && message?.type !== 'complete') return text;
    const known = this.#numbers.get(message.id);
    if (message.type === 'subscribe') return JSON.stringify({ ...message, id: known ?? this.#open(message.id) });
    if (known !== undefined) this.#close(known, message.id);
    return JSON.stringify({ ...message, id: known ?? 'none' });
  }

  /** What graphql-ws says, by the client's ids; undefined where nobody is to hear it. */
  said(text: string): string | undefined {
    // It writes the id first, and a large result is not to be read again.
    const [start, number, type] = /^\{"id":"(\d+)","type":"(\w+)"/.exec(text) ?? [];
    if (start === undefined || number === undefined) return text;
    const id = this.#ids.get(number);
    if (id === undefined) return undefined;
    if (type !== 'next') this.#close(number, id);
    return `{"id":${JSON.stringify(id)},"type":"${type}"${text.slice(start.length)}`;
  }

  #open(id: string): string {
    this.#last += 1;
    const number = String(this.#last);
    this.#numbers.set(id, number);
    this.#ids.set(number, id);
    return number;
  }

  #close(number: string, id: string): void {
    this.#numbers.delete(id);
    this.#ids.delete(number);
  }
}

/** A message that has an id; what is none graphql-ws refuses. */
function messageIn(text: string): { readonly type: unknown; readonly id: string } | undefined {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message !== 'object' || message === null || !('id' in message) || !('type' in message)) return undefined;
    const { id, type } = message;
    return typeof id === 'string' && id !== '' ? { ...message, id, type } : undefined;
  } catch {
    return undefined;
  }
}
