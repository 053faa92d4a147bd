import { createHash } from 'node:crypto';

/** All that happened in a world, in order: two worlds with the same trace are the same. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #lines: string[] | undefined;

  /** @param isKept whether the lines are kept, to be looked at; else only what they come to */
  constructor(isKept = false) {
    this.#lines = isKept ? [] : undefined;
  }

  note(now: number, what: string): void {
    const line = `${now} ${what}`;
    this.#hash.update(line).update('\n');
    this.#lines?.push(line);
  }

  /** What was noted; nothing where it was not kept. */
  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  /** What all lines come to, in hex. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
