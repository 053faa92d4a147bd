import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { startServing } from './server-process.ts';

const executablePath = '/usr/bin/chromium';

/** True where there is no browser to look with. */
export const noBrowser = !existsSync(executablePath);

/** What the page shows, by its figures' exact values. */
export interface Shown {
  /** Day, orders, units, revenue. */
  readonly days: readonly (readonly string[])[];
  readonly totals: { readonly orders: string; readonly units: string; readonly revenue: string };
  readonly position: string;
  readonly state: string;
  /** What it tells its reader to do; empty where there is nothing. */
  readonly hint: string;
  /** Ids of the last orders. */
  readonly last: readonly string[];
}

/** Runs in the page. */
const look = `(() => {
  const value = (id) => document.getElementById(id).value;
  const texts = (selector) => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent);
  const days = [...document.querySelectorAll('#days tbody tr')];
  return {
    days: days.map((row) => [row.querySelector('time').dateTime, ...[...row.querySelectorAll('data')].map(({ value }) => value)]),
    totals: { orders: value('orders'), units: value('units'), revenue: value('revenue') },
    position: value('position'),
    state: document.getElementById('state').dataset.state,
    hint: texts('#hint:not([hidden])').join(),
    last: texts('#last strong'),
  };
})()`;

/** One tab that shows the dashboard. */
interface Tab {
  readonly page: Page;
  shown(): Promise<Shown>;
  /** Errors in the console and in the page's scripts, and pages loaded beyond the first. */
  readonly complaints: string[];
  /** The `Last-Event-ID` of each stream that was asked for; undefined where it had none. */
  readonly resumedAfter: (string | undefined)[];
}

/** The example's own server, and a browser. */
export interface Dashboard extends AsyncDisposable {
  /** To be let in by the shop. */
  readonly origin: string;
  /** Shows the shop at an address, in a new tab. */
  open(api: string): Promise<Tab>;
}

/** Starts the example's server and a browser to look at it. */
export async function startDashboard(): Promise<Dashboard> {
  const server = await startServing([join(import.meta.dirname, '../docs/examples/live-dashboard/serve.ts'), '0']);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--headless', '--disable-background-networking'] });
  return {
    origin: new URL(server.url).origin,
    open: (api) => openTab(browser, `${server.url}?api=${encodeURIComponent(api)}`),
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function openTab(browser: Browser, address: string): Promise<Tab> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const complaints: string[] = [];
  const resumedAfter: (string | undefined)[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', async (request) => {
    if (request.resourceType() === 'eventsource') resumedAfter.push((await request.allHeaders())['last-event-id']);
  });
  await page.goto(address);
  page.on('load', () => complaints.push('the page was loaded again'));
  return { page, shown: () => page.evaluate<Shown>(look), complaints, resumedAfter };
}

/** Notes each value that a figure takes from now on; answers how to get them. */
export async function watched(page: Page, id: string): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(`{
    const figure = document.getElementById('${id}');
    window.watched = [];
    new MutationObserver(() => window.watched.push(figure.value)).observe(figure, { childList: true });
  }`);
  return () => page.evaluate<string[]>('window.watched');
}
