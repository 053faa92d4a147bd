import { setTimeout as sleep } from 'node:timers/promises';
import { importLimits } from './limits.ts';
import type { ImportCommand } from './operations.ts';
import { type Answer, send } from './post.ts';

/** What became of one command: its answer, or that what it brings was there from elsewhere. */
export type Outcome = Answer | { readonly outcome: 'existing' };

export interface Sending {
  readonly url: URL;
  /** Commands in flight at most. */
  readonly concurrency: number;
  /** The wait before a second attempt, in milliseconds; it doubles from there. */
  readonly backoffMs?: number;
  /** Once it fires, no further command is begun or tried again. */
  readonly stop: AbortSignal;
  /** Hears of every command's end, in the order of their ends. */
  readonly onOutcome: (command: ImportCommand, outcome: Outcome) => void;
  readonly onRetry: () => void;
}

/**
 * Sends stage after stage, each in order with `concurrency` commands in flight. What fails for a passing reason is tried again
 * with growing waits; commandIds make that safe. A server that stays unreachable ends the sending.
 */
export async function sendAll(stages: readonly (readonly ImportCommand[])[], sending: Sending): Promise<void> {
  const lost = new AbortController();
  const stop = AbortSignal.any([sending.stop, lost.signal]);
  for (const stage of stages) {
    const queue = stage.values();
    const worker = async () => {
      for (const command of queue) {
        if (stop.aborted) return;
        if (await sendOne(command, { ...sending, stop })) lost.abort();
      }
    };
    await Promise.all(Array.from({ length: sending.concurrency }, worker));
  }
}

/** True where the server is lost. */
async function sendOne(command: ImportCommand, sending: Sending): Promise<boolean> {
  const answer = await persist(command, sending);
  if (answer.outcome === 'refused' && answer.type === command.exists?.rejection) {
    sending.onOutcome(command, { outcome: 'existing' });
    return command.exists.instead ? await sendOne(command.exists.instead, sending) : false;
  }
  sending.onOutcome(command, answer);
  return answer.outcome === 'failed' && answer.unreachable;
}

async function persist(command: ImportCommand, { url, stop, onRetry, backoffMs = importLimits.backoffMs }: Sending): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(url, command);
    if (answer.outcome !== 'failed' || !answer.retryable || attempt === importLimits.attemptsMax || stop.aborted) return answer;
    // Half of the wait is chance: many commands refused at once must not come back at once.
    const wait = Math.min(backoffMs * 2 ** (attempt - 1), importLimits.backoffMaxMs) * (0.5 + Math.random() / 2);
    await sleep(wait, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) return answer;
    onRetry();
  }
}
