import { importLimits } from './limits.ts';
import type { ImportCommand } from './operations.ts';
import type { Plan, RejectedRow } from './plan.ts';
import type { Reason } from './row.ts';
import type { Outcome } from './send.ts';

/** Commands that ended with one code: how many, the first few, and what the first was told. */
export interface CodeCount {
  readonly count: number;
  readonly commandIds: readonly string[];
  readonly message: string;
}

/** How an import went: what `--json` prints. `sent` = `accepted` + `existing` + refused + failed. */
export interface Summary {
  readonly file: string;
  readonly url: string;
  readonly rowsRead: number;
  readonly rowsLeftOut: number;
  /** By reason, the lines where those rows begin. */
  readonly leftOut: Readonly<Partial<Record<Reason, readonly number[]>>>;
  readonly planned: { readonly products: number; readonly users: number; readonly orders: number; readonly restocks: number };
  /** Commands, not attempts. */
  readonly sent: number;
  /** Replayed ones included. */
  readonly accepted: number;
  readonly replayed: number;
  /** Products and users that were there from elsewhere. */
  readonly existing: number;
  readonly refused: Readonly<Record<string, CodeCount>>;
  readonly failed: Readonly<Record<string, CodeCount>>;
  /** Planned, but the import was stopped or lost the server. */
  readonly notSent: number;
  readonly retries: number;
  readonly seconds: number;
  readonly sentPerSecond: number;
}

/** Counts outcomes as they come. */
export class Tally {
  readonly #plan: Plan;
  readonly #counts = { planned: 0, sent: 0, accepted: 0, replayed: 0, existing: 0, retries: 0 };
  readonly #refused = new Map<string, CodeCount>();
  readonly #failed = new Map<string, CodeCount>();

  constructor(plan: Plan) {
    const { products, users, orders, restocks } = plan;
    this.#plan = plan;
    this.#counts.planned = products.length + users.length + orders.length + restocks.length;
  }

  /** Commands that an import must send: those of the plan, and those that take the place of ones found existing. */
  get planned(): number {
    return this.#counts.planned;
  }

  get sent(): number {
    return this.#counts.sent;
  }

  retried(): void {
    this.#counts.retries += 1;
  }

  count(command: ImportCommand, outcome: Outcome): void {
    const counts = this.#counts;
    counts.sent += 1;
    if (outcome.outcome === 'accepted') {
      counts.accepted += 1;
      if (outcome.replayed) counts.replayed += 1;
    } else if (outcome.outcome === 'existing') {
      counts.existing += 1;
      if (command.exists?.instead) counts.planned += 1;
    } else {
      const codes = outcome.outcome === 'refused' ? this.#refused : this.#failed;
      const { count, commandIds, message } = codes.get(outcome.code) ?? { count: 0, commandIds: [], message: outcome.message };
      codes.set(outcome.code, {
        count: count + 1,
        commandIds: [...commandIds, command.commandId].slice(0, importLimits.idsShownMax),
        message,
      });
    }
  }

  /** @param seconds how long the sending took */
  summary(file: string, url: string, seconds: number): Summary {
    const { rowsRead, rejectedRows, products, users, orders, restocks } = this.#plan;
    const { planned, sent, accepted, replayed, existing, retries } = this.#counts;
    return {
      file,
      url,
      rowsRead,
      rowsLeftOut: rejectedRows.length,
      leftOut: linesByReason(rejectedRows),
      planned: { products: products.length, users: users.length, orders: orders.length, restocks: restocks.length },
      sent,
      accepted,
      replayed,
      existing,
      refused: Object.fromEntries(this.#refused),
      failed: Object.fromEntries(this.#failed),
      notSent: planned - sent,
      retries,
      seconds: Math.round(seconds * 1000) / 1000,
      sentPerSecond: Math.round(sent / Math.max(seconds, 0.001)),
    };
  }
}

function linesByReason(rows: readonly RejectedRow[]): Summary['leftOut'] {
  const lists = Map.groupBy(rows, ({ reason }) => reason);
  return Object.fromEntries([...lists].map(([reason, list]) => [reason, list.map(({ line }) => line)]));
}
