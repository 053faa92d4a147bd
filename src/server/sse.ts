import type { ExecutionResult } from 'graphql';
import { limits } from '#base';

/** How the stream's parts become text. */
export interface EventText {
  result(result: ExecutionResult): string;
  /** The source broke: what the reader is told before the end. */
  failure(error: unknown): string;
}

/** Headers of an event stream; the last keeps nginx from holding events back. */
export const eventHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

const complete = 'event: complete\ndata:\n\n';
const heartbeat = ':\n\n';

/** One result as an event of GraphQL over SSE (distinct connections). Its id is the position, so `Last-Event-ID` says where to go on. */
function eventOf(result: ExecutionResult, text: string): string {
  const position = positionOf(result.data);
  return `event: next\n${position === undefined ? '' : `id: ${position}\n`}data: ${text}\n\n`;
}

/** A single result as a whole stream. */
export const singleEvent = (text: string): string => `${heartbeat}event: next\ndata: ${text}\n\n${complete}`;

/** The position of the change that a result tells of: the field `position` of the subscription's one field. */
function positionOf(data: ExecutionResult['data']): string | undefined {
  const change = data && Object.values(data)[0];
  const position = typeof change === 'object' && change !== null && 'position' in change ? String(change.position) : '';
  return /^\d+$/.test(position) ? position : undefined;
}

/**
 * Results as the text of an event stream, pulled only as fast as the reader reads. It begins with a heartbeat, so that headers leave at once, and
 * beats again whenever nothing else was said for `limits.heartbeatMs`.
 */
export function eventStream(
  results: AsyncIterator<ExecutionResult>,
  text: EventText,
  heartbeatMs: number = limits.heartbeatMs,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const say = (words: string): void => controller.enqueue(encoder.encode(words));
      say(heartbeat);
      // Nothing is added to what a slow reader has not taken yet.
      timer = setInterval(() => (controller.desiredSize ?? 0) > 0 && say(heartbeat), heartbeatMs);
    },
    async pull(controller) {
      const words = await nextEvent(results, text);
      timer?.refresh();
      controller.enqueue(encoder.encode(words ?? complete));
      if (words !== undefined) return;
      clearInterval(timer);
      controller.close();
    },
    async cancel() {
      clearInterval(timer);
      await results.return?.();
    },
  });
}

/** The next event; undefined where there is none. A source that broke says so, and its next `next` ends it. */
async function nextEvent(results: AsyncIterator<ExecutionResult>, text: EventText): Promise<string | undefined> {
  try {
    const { done, value } = await results.next();
    return done ? undefined : eventOf(value, text.result(value));
  } catch (error) {
    return `event: next\ndata: ${text.failure(error)}\n\n`;
  }
}
