import { overSse, overWebSocket, type Sink } from '../../docs/examples/clients/resume.ts';
import { type Answer, codeOf } from '../client.ts';
import { ProductDocument, RestockProductDocument } from '../generated/graphql.ts';
import { pause } from '../load.ts';
import { shopClient } from '../shop-client.ts';

/** How a request was answered: a fault's code, `accepted`, or what went wrong on its way. */
export type Told = string;

const sku = 'lantern';
const firstStock = 5;
const againMs = 100;

/** A client that restocks one product by one, again and again, and follows its stock over both transports. */
export class Shopper implements Disposable {
  readonly #api: ReturnType<typeof shopClient>;
  readonly #streams = new DisposableStack();
  readonly #heard: readonly [sse: number[], socket: number[]] = [[], []];
  #stock = firstStock;
  #position = '0';

  constructor(url: string) {
    this.#api = shopClient(url);
  }

  /** How many there are of it, by all that was accepted. */
  get stock(): number {
    return this.#stock;
  }

  /** True where each stream was told of every stock, once and in order, and of all that there are. */
  get hasHeardAll(): boolean {
    const all = Array.from({ length: this.#stock - firstStock + 1 }, (_, i) => firstStock + i);
    return this.#heard.every((stocks) => String(stocks) === String(all));
  }

  /** What each stream was told. */
  get heard(): readonly (readonly number[])[] {
    return this.#heard;
  }

  /** Adds the product, and begins to follow it. */
  async begin(): Promise<void> {
    await this.#api.add(sku, firstStock);
    const query =
      'subscription ($sku: ID!, $after: Position) { productChanged(sku: $sku, after: $after) { kind position product { stock } } }';
    for (const [i, open] of [overSse, overWebSocket].entries()) {
      const next: Sink['next'] = ({ data }) => {
        // What the document asks for is in the data.
        const message = data?.['productChanged'] as { readonly product?: { readonly stock: number } } | undefined;
        this.#heard[i]?.push(Number(message?.product?.stock));
      };
      const sink: Sink = { next, error: (error) => console.error(error), complete: () => undefined };
      this.#streams.defer(open(this.#api.url, () => pause(againMs)).subscribe({ query, variables: { sku } }, sink));
    }
  }

  /** Sends one command until it is accepted, as clients do: with its id. Answers what it was told before. */
  async restock(): Promise<readonly Told[]> {
    const told: Told[] = [];
    for (;;) {
      const is = await this.tryToRestock();
      if (is === 'accepted') return told;
      told.push(is);
      await pause(againMs);
    }
  }

  /** Sends the command that is due once; several times at once, it is the same one. */
  async tryToRestock(): Promise<Told> {
    const stock = this.#stock + 1;
    const variables = { input: { sku, quantity: 1 }, options: { commandId: `to ${stock}` } };
    const answer = await this.#api.ask(RestockProductDocument, variables).catch(String);
    if (typeof answer === 'string') return answer;
    const result = answer.data?.restockProduct;
    if (result?.__typename !== 'ProductAccepted') return toldBy(answer);
    [this.#stock, this.#position] = [stock, result.position];
    return 'accepted';
  }

  /** Asks for the stock, as of all that was accepted or, with `isAsItIs`, as it is there. */
  async look(isAsItIs = false): Promise<number | Told> {
    const headers = isAsItIs ? {} : { 'varve-at-least': this.#position };
    const answer = await this.#api.ask(ProductDocument, { sku }, headers).catch(String);
    return typeof answer === 'string' ? answer : (answer.data?.product?.stock ?? toldBy(answer));
  }

  [Symbol.dispose](): void {
    this.#streams.dispose();
  }
}

/** A fault that a client may send again after is told by its code alone. */
function toldBy(answer: Answer<unknown>): Told {
  const isRetryable = answer.errors?.[0]?.extensions?.['retryable'] === true;
  return isRetryable ? String(codeOf(answer)) : JSON.stringify(answer);
}
