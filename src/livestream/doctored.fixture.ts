import type { Delivery, Feed } from './feed.ts';
import { Reader } from './reader.ts';
import type { Message, Parts } from './stage.fixture.ts';
import { type Entry, Tail } from './tail.ts';

type Deliveries = readonly Delivery<Message>[];
type MessageFeed = Feed<Message>;

/** Hands on something else than what comes. */
const watching =
  (change: (deliveries: Deliveries) => Deliveries) =>
  (feed: MessageFeed): MessageFeed => ({ ...feed, watch: (take, miss) => feed.watch((deliveries) => take(change(deliveries)), miss) });

class ForgetfulTail extends Tail<Message, Delivery<Message>> {
  override isLost(): boolean {
    return false;
  }
}

class BoastfulReader extends Reader<Message, Delivery<Message>> {
  readonly #feed: MessageFeed;

  constructor(...parts: ConstructorParameters<typeof Reader<Message, Delivery<Message>>>) {
    super(...parts);
    this.#feed = parts[0].feed;
  }

  override get reached() {
    return { position: this.#feed.position() };
  }
}

class UnskippingReader extends Reader<Message, Delivery<Message>> {
  readonly #write: (deliveries: readonly Delivery<Message>[]) => boolean;

  constructor(...parts: ConstructorParameters<typeof Reader<Message, Delivery<Message>>>) {
    super(...parts);
    this.#write = (deliveries) => parts[1].write(deliveries);
  }

  override offer(run: readonly Entry<Delivery<Message>>[]): boolean {
    return this.#write(run.map(({ payload }) => payload));
  }
}

class ClingingReader extends Reader<Message, Delivery<Message>> {
  override stop(): void {}
}

function dropsOneCommitIn(count: number): Parts['publish'] {
  let published = 0;
  return (hub, commit) => {
    published += 1;
    hub.publish(published % count === 0 ? { ...commit, events: [], changes: [] } : commit);
  };
}

/** Listens only some time after it was told to: what is committed just then is in no snapshot and in no tail. */
const lateListener = (feed: MessageFeed): MessageFeed => ({
  ...feed,
  watch: (take, miss) => {
    let turnsLeft = 4;
    const wait = (): void => {
      turnsLeft -= 1;
      if (turnsLeft > 0) setImmediate(wait);
    };
    wait();
    return feed.watch((deliveries) => turnsLeft === 0 && take(deliveries), miss);
  },
});

/** Takes what has come meanwhile for what was read. */
const seamForgetter = (feed: MessageFeed): MessageFeed => ({
  ...feed,
  missed: async (after, messagesMax) => {
    const missed = await feed.missed(after, messagesMax);
    return missed?.isAll ? { ...missed, reached: { position: feed.position() } } : missed;
  },
});

/** Parts with one fault each, which a checker has to find. */
export const faulty: Readonly<Record<string, Partial<Parts>>> = {
  'a hub that drops one commit in 50': { publish: dropsOneCommitIn(50) },
  'a feed that listens late': { feed: lateListener },
  'a feed that forgets the seam': { feed: seamForgetter },
  'a feed that says nothing of what leaves': {
    feed: watching((deliveries) => deliveries.filter(({ message }) => !('kind' in message && message.kind === 'REMOVED'))),
  },
  "a feed that takes a position's first row for all of them": {
    feed: watching((deliveries) => deliveries.map((one) => ({ ...one, reached: { position: one.position } }))),
  },
  'a feed that goes on from later than its RESYNC said': {
    feed: (feed) => ({
      ...feed,
      begin: async (rowsMax) => {
        const beginning = await feed.begin(Math.max(1, rowsMax));
        return rowsMax > 0 ? beginning : { deliveries: [], reached: beginning.reached };
      },
      resync: () => feed.resync(1),
    }),
  },
  'a feed that begins anew unsaid': { feed: (feed) => ({ ...feed, resync: () => undefined }) },
  'a feed that never gives up its snapshot': {
    feed: (feed) => {
      let first: ReturnType<MessageFeed['begin']> | undefined;
      return { ...feed, begin: (rowsMax) => (first ??= feed.begin(rowsMax)) };
    },
  },
  'a tail that drops what it cannot keep and tells nobody': { Tail: ForgetfulTail },
  'a reader that does not skip what it has seen': { Reader: UnskippingReader },
  'a reader that says that it is further than it is': { Reader: BoastfulReader },
  'a reader that does not leave': { Reader: ClingingReader },
};

/** A tail that is handed everything twice: no fault that anyone sees, for readers skip what they have seen. */
export const doubling: Partial<Parts> = { feed: watching((deliveries) => [...deliveries, ...deliveries]) };
