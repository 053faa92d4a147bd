import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { open } from '#varve';
import { borrowCopy, shelveCopy } from '../first-aggregate/loan.ts';
import { lending } from './slips.ts';

/** A mail service that is down for its first request, and then drops what it has had by its key. */
async function mailService() {
  const [keys, mails] = [new Set<unknown>(), [] as unknown[]];
  let requests = 0;
  const server = createServer(async (request, response) => {
    const mail: unknown = JSON.parse(await text(request));
    const key = request.headers['idempotency-key'];
    requests += 1;
    if (requests > 1 && !keys.has(key)) mails.push(mail);
    if (requests > 1) keys.add(key);
    response.writeHead(requests > 1 ? 200 : 503).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  vi.stubEnv('MAIL_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { mails, requests: () => requests };
}

test('a reader is sent one slip a loan, though the mail service was down', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-slips-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { mails, requests } = await mailService();
  const faults: unknown[] = [];
  const { send, close, reactions } = await open(lending, folder, { onReactionFault: (fault) => faults.push(fault) });
  await send(shelveCopy, { copyId: 'sicp-1', title: 'SICP' });
  await send(borrowCopy, { copyId: 'sicp-1', reader: 'ada', days: 14 });
  await expect.poll(() => mails, { timeout: 10_000 }).toHaveLength(1);
  expect(mails).toEqual([{ to: 'ada', text: expect.stringMatching(/^Please bring back sicp-1 by \d{4}-\d\d-\d\d\.$/) }]);
  expect([requests(), faults]).toEqual([2, [expect.objectContaining({ message: expect.stringContaining('answered 503') })]]);
  await expect.poll(() => reactions()).toEqual([{ name: 'slips', position: 2, failing: false }]);
  await close();
});
