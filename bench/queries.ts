/** `npm run bench -- queries`: reads over HTTP at 64 connections, beside a bare echo: of the same request, and of as many bytes. */
import { join } from 'node:path';
import { bounds } from './bounds.ts';
import { type Bench, medians, print } from './figures.ts';
import { inFolder } from './folders.ts';
import type { Grown } from './grow.ts';
import { ask, load, type ServerProcess, startProcess, startVarve } from './processes.ts';

/** A tenth of them are products, three tenths orders. */
const eventsKept = 10_000;
const productsAsked = 1_000;
const one = JSON.stringify({
  query: 'query($sku: ID!) { product(sku: $sku) { sku name price stock unitsSold version } }',
  variables: { sku: 'p-%' },
});
const page = JSON.stringify({
  query:
    '{ orders(first: 50) { nodes { orderId status total placedAt lines { sku name quantity unitPrice amount } user { userId username } } } }',
});

async function answerBytes(port: number, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body: body.replace('%', '0') });
  const text = await response.text();
  if (text.includes('"errors"')) throw new Error(`unexpected answer: ${text.slice(0, 300)}`);
  return Buffer.byteLength(text);
}

async function perSecond(server: ServerProcess, body: string): Promise<number> {
  const plan = { port: server.port, connections: 64, seconds: bounds.seconds, body, run: 'q', modulo: productsAsked, expect: '"sku"' };
  const loaded = await load(plan);
  if (loaded.failed > 0) throw new Error(`${loaded.failed} queries were not answered`);
  return loaded.perSecond;
}

async function measure(varve: ServerProcess) {
  const bytes = await answerBytes(varve.port, page);
  const [echo, large] = [await startProcess('echo.ts'), await startProcess('echo.ts', String(bytes))];
  try {
    const rounds = [];
    for (let round = 0; round <= bounds.rounds; round++)
      rounds.push({
        echo: await perSecond(echo, one),
        one: await perSecond(varve, one),
        large: await perSecond(large, page),
        page: await perSecond(varve, page),
      });
    // The first round is for warming up.
    return { bytes, ...medians(rounds.slice(1)) };
  } finally {
    for (const server of [echo, large]) await server.stop();
  }
}

/** One row, and a page of fifty. */
export const bench: Bench = () =>
  inFolder(async (folder) => {
    const data = join(folder, 'data');
    await ask<Grown>('grow.ts', data, String(eventsKept));
    const varve = await startVarve(data);
    try {
      const { bytes, echo, one, large, page } = await measure(varve);
      print('Reads over HTTP, 64 connections; requests/s', [
        { what: 'one row by id, one of 1,000', 'bare echo': echo, varve: one, ratio: one / echo },
        { what: `orders(first: 50) with lines and user, ${bytes} bytes`, 'bare echo': large, varve: page, ratio: page / large },
      ]);
      return { one: one / echo, page: page / large };
    } finally {
      await varve.stop();
    }
  });
