import type { IncomingMessage } from 'node:http';
import { limits, type Timers } from '#base';
import { fault } from './faults.ts';

/** Reads a request's body. Throws `BODY_TOO_LARGE` as soon as it is known to be, keeping nothing more of it, and `BAD_REQUEST` where the sender broke off. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytesMax) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= limits.bodyBytesMax) chunks.push(chunk);
      else {
        request.off('data', take).pause();
        reject(tooLarge());
      }
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => reject(fault('BAD_REQUEST', 'The request broke off.')));
  });
}

const tooLarge = (): Error => fault('BODY_TOO_LARGE', `The body has more than ${limits.bodyBytesMax} bytes.`);

/**
 * Throws away what is left of a refused body, for a bounded time. A connection that is closed while its other end still sends is reset, and
 * the sender never reads why it was refused.
 */
export async function discardBody(request: IncomingMessage, timers: Timers): Promise<void> {
  if (request.complete || request.destroyed) return;
  await new Promise<void>((resolve) => {
    const callOff = timers.after(limits.refusedBodyWaitMs, resolve);
    const done = (): void => {
      callOff();
      resolve();
    };
    request.once('end', done).once('close', done).resume();
  });
}
