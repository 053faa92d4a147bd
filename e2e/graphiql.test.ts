import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startServerProcess, temporaryFolder } from './server-process.ts';

const executablePath = '/usr/bin/chromium';
const absent = !existsSync(executablePath);
if (absent) console.warn(`GraphiQL is not looked at: there is no ${executablePath}.`);
/** `SCREENSHOT=1` renews the picture of the README. */
const picture = process.env['SCREENSHOT'] ? join(import.meta.dirname, '../docs/images/graphiql.png') : undefined;

describe.skipIf(absent)('GraphiQL in a browser (skipped where there is no Chromium)', () => {
  const folder = temporaryFolder();
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await startServerProcess(folder.path);
    const args = ['--no-sandbox', '--disable-background-networking', '--disable-gpu', '--no-first-run'];
    browser = await chromium.launch({ executablePath, args });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    // There is no internet here: whatever the page wants from elsewhere fails, and is noted.
    await page.route('**/*', (route) => {
      const url = route.request().url();
      if (url.startsWith(new URL(server.url).origin) || url.startsWith('data:') || url.startsWith('blob:')) return route.continue();
      elsewhere.push(url);
      return route.abort();
    });
    await page.goto(server.url);
    await page.locator('.graphiql-query-editor').getByText('RegisterUser').first().waitFor({ timeout: 30_000 });
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** Chooses an operation of the first tab and runs it. */
  const runOperation = async (name: string) => {
    await page.locator('.graphiql-execute-button').click();
    await page.getByRole('menuitem', { name }).click();
  };
  const answered = (text: string) => page.locator('.graphiql-response').getByText(text).first().waitFor({ timeout: 20_000 });

  test('runs the first tab: an order is placed and read, a second one by its watcher', async () => {
    await runOperation('RegisterUser');
    await answered('UserAccepted');
    await runOperation('AddProduct');
    await answered('ProductAccepted');
    await runOperation('PlaceOrder');
    await answered('OrderAccepted');
    await runOperation('WatchOrder');
    await answered('SNAPSHOT');
    await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'mutation { payOrder(input: { orderId: "my-order", paymentReference: "card" }) { __typename } }' }),
    });
    await answered('CHANGED');
    await page.locator('.graphiql-execute-button').click();
    await runOperation('PageOrders');
    await answered('totalCount');
    if (picture) await page.screenshot({ path: picture });
    expect({ elsewhere, complaints }).toEqual({ elsewhere: [], complaints: [] });
  }, 120_000);
});
