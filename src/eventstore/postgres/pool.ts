import { limits } from '#base';
import { unavailable } from './faults.ts';
import type { Link } from './link.ts';

/** Connections for reads: opened when they are needed, each with one reader at a time. */
export class LinkPool {
  readonly #connect: () => Promise<Link>;
  readonly #max: number;
  #idle: Link[] = [];
  readonly #out = new Set<Link>();
  readonly #waiting: (() => void)[] = [];
  #opening = 0;
  #isClosed = false;

  constructor(connect: () => Promise<Link>, max: number = limits.storeReadersMax) {
    this.#connect = connect;
    this.#max = max;
  }

  /** Takes a connection, which must be given back. Throws `STORE_UNAVAILABLE`. */
  async take(): Promise<Link> {
    while (!this.#isClosed && this.#out.size + this.#opening >= this.#max) await this.#turn();
    if (this.#isClosed) throw unavailable('this log is closed', undefined);
    let link = this.#idle.pop();
    while (link && !link.isOpen) link = this.#idle.pop();
    const taken = link ?? (await this.#open());
    this.#out.add(taken);
    return taken;
  }

  /** Gives it back, with nothing under way that is waited for. */
  giveBack(link: Link): void {
    // One that was opened before the pool was renewed is no longer of it.
    if (!link.isOpen) this.#closeIdle();
    if (this.#out.delete(link) && link.isOpen && !this.#isClosed) this.#idle.push(link);
    else void link.close();
    this.#waiting.shift()?.();
  }

  /** From now on gives other connections than those that there are. */
  renew(): void {
    this.#closeIdle();
    this.#out.clear();
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const links = [...this.#idle.splice(0), ...this.#out];
    for (const goOn of this.#waiting.splice(0)) goOn();
    await Promise.all(links.map((link) => link.close()));
  }

  /** Where one has broken, its server may be gone, and each of the others would be waited for in vain. */
  #closeIdle(): void {
    for (const link of this.#idle.splice(0)) void link.close();
  }

  async #open(): Promise<Link> {
    this.#opening += 1;
    try {
      return await this.#connect();
    } catch (fault) {
      // Whoever waits for a connection tries for himself.
      this.#waiting.shift()?.();
      throw fault;
    } finally {
      this.#opening -= 1;
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(goOn), 1);
        reject(unavailable(`all ${this.#max} connections for reads are out`, undefined));
      }, limits.snapshotWaitMs);
      const goOn = () => {
        clearTimeout(late);
        resolve();
      };
      this.#waiting.push(goOn);
    });
  }
}
