import { client, codeOf } from './client.ts';
import { AddProductDocument, PlaceOrderDocument, RegisterUserDocument } from './generated/graphql.ts';

/** What becomes of the commands of a load, by commandId, while it runs. */
export interface Load {
  readonly accepted: readonly string[];
  /** Answered with an error, by its code. */
  readonly refused: ReadonlyMap<string, unknown>;
  /** Never answered: nobody knows whether they took effect. */
  readonly unanswered: readonly string[];
  /** Resolves when so many are accepted. */
  reaches(count: number): Promise<void>;
  /** Resolves when every connection has ended. */
  readonly ended: Promise<unknown>;
}

/** A user and a product that orders can be placed with. */
export async function stockUp(url: string): Promise<void> {
  const api = client(url);
  await api.data(RegisterUserDocument, { input: { userId: 'ada', username: 'Ada' } });
  await api.data(AddProductDocument, { input: { sku: 'lantern', name: 'Lantern', price: '3.39', stock: 1_000_000 } });
}

/** One order of one lantern; its commandId is its id. */
export const orderOf = (id: string) => ({
  input: { orderId: id, userId: 'ada', lines: [{ sku: 'lantern', quantity: 1 }], placedAt: '2010-12-01T08:26:00Z' },
  options: { commandId: id },
});

/** Places orders on many connections at once, each one after the other, until one is not accepted any more. */
export function startLoad(url: string, connections = 24): Load {
  const api = client(url);
  const [accepted, refused, unanswered]: [string[], Map<string, unknown>, string[]] = [[], new Map(), []];
  const work = async (worker: number): Promise<void> => {
    for (let count = 1; ; count += 1) {
      const id = `${worker}-${count}`;
      const answer = await api.ask(PlaceOrderDocument, orderOf(id)).catch(() => undefined);
      if (answer?.data?.placeOrder.__typename === 'OrderAccepted') accepted.push(id);
      else if (answer) return void refused.set(id, codeOf(answer));
      else return void unanswered.push(id);
    }
  };
  const ended = Promise.all(Array.from({ length: connections }, (_, worker) => work(worker)));
  const reaches = async (count: number) => {
    while (accepted.length < count && refused.size + unanswered.length < connections) await pause(5);
  };
  return { accepted, refused, unanswered, reaches, ended };
}

/** Waits. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
