import { existsSync } from 'node:fs';
import { get, type IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { startTestServer } from './server.fixture.ts';

const defaultQuery =
  '# </script><b>first tab</b>\nquery Hello { hello item { name } }\n\nsubscription Tick { tick(count: 3) { position } }\n';
const graphiql = { title: 'Varve <test>', defaultQuery };

/** Reads a page as it was sent: fetch would undo the compression. */
function page(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', ...headers } }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(Buffer.from(chunk));
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
    }).on('error', reject);
  });
}

describe('GraphiQL', async () => {
  const server = await startTestServer({ graphiql });
  afterAll(() => server.close());

  it('is one page that names no other host, compressed as the browser likes, and kept by it', async () => {
    const plain = await page(server.endpoint, {});
    expect([plain.status, plain.headers['content-type'], plain.headers['content-encoding']]).toEqual([
      200,
      'text/html; charset=utf-8',
      undefined,
    ]);
    expect(plain.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(plain.headers['x-content-type-options']).toBe('nosniff');
    const [head = ''] = plain.body.toString().split('<script>');
    expect(head).toContain('<title>Varve &lt;test></title>');
    expect(head).not.toMatch(/(src|href)="(?!data:)|@import/);
    const br = await page(server.endpoint, { 'accept-encoding': 'gzip, deflate, br' });
    expect([br.headers['content-encoding'], brotliDecompressSync(br.body).equals(plain.body)]).toEqual(['br', true]);
    const gz = await page(server.endpoint, { 'accept-encoding': 'gzip, br;q=0' });
    expect([gz.headers['content-encoding'], gunzipSync(gz.body).equals(plain.body)]).toEqual(['gzip', true]);
    const known = await page(server.endpoint, { 'if-none-match': br.headers.etag ?? '' });
    expect([known.status, known.body.length]).toEqual([304, 0]);
  });

  it('is not there where it is not wanted', async () => {
    const bare = await startTestServer();
    expect((await page(bare.endpoint, {})).status).toBe(400);
    await bare.close();
  });
});

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!executablePath) console.log('GraphiQL is not tried in a browser: there is no Chromium on this machine.');

describe.skipIf(!executablePath)('GraphiQL in a browser with no internet', async () => {
  const server = await startTestServer({ graphiql });
  let browser: Browser | undefined;
  afterAll(async () => {
    await browser?.close();
    await server.close();
  });

  /** Runs the operation of that name, and returns the answer that is shown. */
  const run = async (tab: Page, name: string, contains: string): Promise<void> => {
    await tab.locator('button.graphiql-execute-button').click();
    await tab.getByRole('menuitem', { name }).click();
    await tab.locator('.result-window', { hasText: contains }).waitFor({ timeout: 5_000 });
  };

  it('shows the first tab, runs a query and a live stream, and asks nobody else', { timeout: 60_000 }, async () => {
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--headless', '--disable-background-networking'],
    });
    const tab = await browser.newPage();
    const faults: string[] = [];
    const elsewhere: string[] = [];
    tab.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    tab.on('pageerror', (error) => faults.push(error.message));
    tab.on('request', (request) => /^(blob|data):|^http:\/\/127/.test(request.url()) || elsewhere.push(request.url()));
    await tab.goto(server.endpoint);
    await tab.locator('.graphiql-query-editor', { hasText: 'first tab' }).waitFor();
    await tab.waitForTimeout(1_500);
    await run(tab, 'Hello', '"hello"');
    await run(tab, 'Tick', '"3"');
    expect(await tab.title()).toBe(graphiql.title);
    expect([faults, elsewhere]).toEqual([[], []]);
  });
});
