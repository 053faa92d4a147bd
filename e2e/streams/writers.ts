import { client } from '../client.ts';
import { pause } from '../load.ts';
import type { Chance } from './subscriber.ts';

/** Who has many orders: a rename changes them all. */
export const whale = 'whale';
export const skus = ['lantern', 'heart', 'bunting'] as const;
export const days = ['2010-12-01', '2010-12-02', '2010-12-03'] as const;
const userIds = ['ada', 'grace', whale] as const;
const whaleOrders = 150;

/** Writers at work. */
export interface Writers {
  /** The log is at least here. */
  readonly position: number;
  /** Commands that were accepted. */
  readonly accepted: number;
  stop(): Promise<void>;
}

type Commands = ReturnType<typeof commands>;

/** Sends commands in short; answers the position, where they are accepted. */
function commands(url: string) {
  const { ask } = client(url);
  let position = 0;
  let accepted = 0;
  const send = async (command: string, input: object): Promise<void> => {
    const type = `${command[0]?.toUpperCase()}${command.slice(1)}Input!`;
    const query = `mutation($input: ${type}) { ${command}(input: $input) { __typename ... on Accepted { position } } }`;
    const { data, errors } = await ask<Record<string, { readonly position?: string }>, object>(new String(query) as never, { input });
    if (errors) throw new Error(JSON.stringify(errors));
    const answered = Number(data?.[command]?.position ?? 0);
    position = Math.max(position, answered);
    if (answered > 0) accepted += 1;
  };
  return {
    send,
    place: (orderId: string, userId: string, day: string, sku: string, quantity: number) =>
      send('placeOrder', { orderId, userId, placedAt: `${day}T08:26:00Z`, lines: [{ sku, quantity }] }),
    get position() {
      return position;
    },
    get accepted() {
      return accepted;
    },
  };
}

/** Users and products, and many orders of one user. */
export async function stockUpStreams(url: string): Promise<void> {
  const { send, place } = commands(url);
  for (const userId of userIds) await send('registerUser', { userId, username: userId });
  for (const sku of skus) await send('addProduct', { sku, name: `Name of ${sku}`, price: '2.50', stock: 1_000_000 });
  const placing = async (worker: number) => {
    for (let i = worker; i < whaleOrders; i += 32) await place(`whale-${i}`, whale, days[0], skus[0], 1);
  };
  await Promise.all(Array.from({ length: 32 }, (_, worker) => placing(worker)));
}

/** So many writers, each one command after another, whatever becomes of the server in between; and one who renames. */
export function startWriters(url: string, count: number, chance: Chance): Writers {
  const sent = commands(url);
  let isStopping = false;
  const untilStopped = async (work: () => Promise<void>) => {
    // What a server that was killed leaves unanswered may have taken effect or not: the log says.
    while (!isStopping) await work().catch(() => pause(20));
  };
  let renames = 0;
  const rename = async () => {
    await pause(250);
    renames += 1;
    await sent.send('changeUsername', { userId: whale, username: `Whale ${renames} ${chance(1_000_000)}` });
  };
  const ended = [untilStopped(rename), ...Array.from({ length: count }, (_, writer) => untilStopped(writing(writer, sent, chance)))];
  return {
    get position() {
      return sent.position;
    },
    get accepted() {
      return sent.accepted;
    },
    stop: async () => {
      isStopping = true;
      await Promise.all(ended);
    },
  };
}

function writing(writer: number, { send, place }: Commands, chance: Chance): () => Promise<void> {
  const of = <T>(list: readonly T[]): T => list[chance(list.length)] as T;
  const run = chance(1_000_000);
  let placed = 0;
  const orderId = () => `${run}-${writer}-${Math.max(0, placed - chance(8))}`;
  return async () => {
    switch (chance(8)) {
      case 0:
        return send('payOrder', { orderId: orderId(), paymentReference: 'card' });
      case 1:
        return send('shipOrder', { orderId: orderId() });
      case 2:
        return send('cancelOrder', { orderId: orderId(), reason: 'mind changed' });
      case 3:
        return send('restockProduct', { sku: of(skus), quantity: 1 + chance(5) });
      case 4:
        return send('changePrice', { sku: of(skus), price: `${1 + chance(9)}.${10 + chance(90)}` });
      default:
        placed += 1;
        return place(`${run}-${writer}-${placed}`, of(userIds), of(days), of(skus), 1 + chance(3));
    }
  };
}
