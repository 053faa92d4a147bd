import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Order, Report } from './readers.ts';

/** Readers in a process of their own. */
export interface Crowd {
  open(port: number, bodies: readonly string[]): Promise<void>;
  /** Resolves once so many messages have come since the last report. */
  received(messages: number): Promise<void>;
  report(): Promise<Report>;
  close(): Promise<void>;
  end(): void;
}

/** Starts readers. */
export function startCrowd(): Crowd {
  const child = fork(`${import.meta.dirname}/readers.ts`);
  const order = async (what: Order): Promise<Report> => {
    const answered = once(child, 'message');
    child.send(what);
    const [report] = await answered;
    return report as Report;
  };
  return {
    open: async (port, bodies) => void (await order({ do: 'open', port, bodies })),
    received: async (messages) => void (await order({ do: 'await', messages })),
    report: () => order({ do: 'report' }),
    close: async () => void (await order({ do: 'close' })),
    end: () => child.disconnect(),
  };
}

/** Posts a body and reads the answer, which must hold the text. */
export async function post(port: number, body: string, expect: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body,
  });
  const text = await response.text();
  if (!text.includes(expect)) throw new Error(`unexpected answer: ${text.slice(0, 300)}`);
}
