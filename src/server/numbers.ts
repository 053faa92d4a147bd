import { checkNesting } from './nesting.ts';

/** What a client said, as graphql-ws is told it. */
export interface Heard {
  readonly text: string;
  /** It asks for an operation: the number that it has from here on. */
  readonly asked?: string;
  /** It gives an operation up: its number. */
  readonly givenUp?: string;
}

interface Message {
  readonly type: unknown;
  readonly id: string;
}

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

  /** The client's id of an operation; undefined where the client gave it up, or has heard its end. */
  idOf(number: string): string | undefined {
    return this.#ids.get(number);
  }

  /**
   * What a client says, by numbers. An id that is in use keeps its number, which graphql-ws refuses. undefined where it is no JSON, or none that can
   * be written again: JSON is read however deep it is nested, but not written.
   */
  heard(words: string): Heard | undefined {
    try {
      checkNesting(words);
      const message: unknown = JSON.parse(words);
      // Written whatever it is: a ping's payload is sent back.
      return isMessage(message) ? this.#numbered(message) : { text: JSON.stringify(message) };
    } catch {
      return undefined;
    }
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

  /** Why graphql-ws closes the connection, by the client's ids. */
  reason(words: string): string {
    return words.replace(
      /^(Subscriber for )(\d+)(?= already exists$)/,
      (_, start: string, number: string) => start + this.#ids.get(number),
    );
  }

  #numbered(message: Message): Heard {
    const { id, type } = message;
    const known = this.#numbers.get(id);
    if (type === 'subscribe') {
      const asked = known ?? this.#open(id);
      return { text: JSON.stringify({ ...message, id: asked }), asked };
    }
    if (known === undefined) return { text: JSON.stringify({ type, id: 'none' }) };
    this.#close(known, id);
    return { text: JSON.stringify({ type, id: known }), givenUp: known };
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

/** A message about an operation; what is none graphql-ws takes as it is, or refuses. */
function isMessage(message: unknown): message is Message {
  if (typeof message !== 'object' || message === null || !('id' in message) || !('type' in message)) return false;
  const { id, type } = message;
  return (type === 'subscribe' || type === 'complete') && typeof id === 'string' && id !== '';
}
