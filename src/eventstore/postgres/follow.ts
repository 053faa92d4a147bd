import { limits, type Position } from '#base';
import type { Link } from './link.ts';
import { headText } from './reads.ts';
import { type HeadRow, headOf } from './rows.ts';
import { readsOn } from './turn.ts';

/** What writers notify, and followers listen to. */
const channel = 'varve';

/** Something that goes on until it is closed. */
export interface Following {
  close(): Promise<void>;
}

/** What a follower stands on. */
export interface FollowParts {
  readonly log: string;
  readonly schema: string;
  readonly connect: () => Promise<Link>;
  /** True where a pooler between is known to keep a session for each connection; else, where there is one, nobody listens. */
  readonly keepsSession: boolean;
  /** Called with the head's position at each word of a commit, which may have come to nothing, and where a look finds another than the look before. */
  readonly onAhead: (position: Position) => void;
}

/** Tells who listens how far the log is, or was to be: it goes along with a commit that may come to nothing. It is a transaction of its own, and syncs nothing: within the writer's it would make all writers of the cluster wait for each other. */
export const notifyText = `SELECT set_config('synchronous_commit', 'off', true), pg_notify('${channel}', $1)`;

/** What is notified: of which log, and how far it is. */
export const notice = (log: string, position: Position): string => `${log} ${position}`;

/**
 * Follows a log by a connection of its own, which listens. Words may be lost with a connection, so the head is read after each connect, and where no word
 * came for a while; behind a pooler, whose next client would have what this one listens to, that is all. Connects again by itself, with growing pauses.
 */
export function follow(parts: FollowParts): Following {
  const follower = new Follower(parts);
  return { close: () => follower.close() };
}

class Follower {
  readonly #parts: FollowParts;
  readonly #running: Promise<void>;
  #link: Link | undefined;
  #isClosed = false;
  /** Ends the pause that there is. */
  #goOn: () => void = () => {};
  #lastFound = -1;

  constructor(parts: FollowParts) {
    this.#parts = parts;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#goOn();
    await this.#link?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    let pauseMs: number = limits.followPauseMs;
    while (!this.#isClosed) {
      try {
        await this.#listen(() => {
          pauseMs = limits.followPauseMs;
        });
      } catch {
        // It is tried again: who waits for a position has a time-out of his own.
      }
      await this.#pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, limits.followPauseMaxMs);
    }
  }

  /** Listens on one connection until it breaks. */
  async #listen(onReached: () => void): Promise<void> {
    const { log, schema, connect, keepsSession, onAhead } = this.#parts;
    const link = await connect();
    this.#link = link;
    try {
      let heard = false;
      link.onNotification((payload) => {
        const [name, position] = payload.split(' ');
        if (name !== log) return;
        heard = true;
        if (!this.#isClosed) onAhead(Number(position));
      });
      if (keepsSession || !link.isPooled) await link.say(`LISTEN ${channel}`);
      while (!this.#isClosed) {
        const [row] = heard ? [] : await readsOn(link, schema).read<HeadRow>(headText(schema));
        heard = false;
        if (row) this.#found(headOf(row).position);
        onReached();
        await this.#pause(limits.followPollMs);
        if (!link.isOpen) return;
      }
    } finally {
      await link.close();
    }
  }

  #found(position: Position): void {
    if (this.#isClosed || position === this.#lastFound) return;
    this.#lastFound = position;
    this.#parts.onAhead(position);
  }

  #pause(ms: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
