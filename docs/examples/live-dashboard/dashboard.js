import { Chart } from './chart.js';
import { element, figure, write } from './elements.js';
import { Sales } from './sales.js';
import { follow } from './stream.js';
import { words } from './words.js';

const at = (id) => document.getElementById(id);
const api = new URL(new URLSearchParams(location.search).get('api') ?? 'http://127.0.0.1:4000/graphql');
const sales = new Sales();
const chart = new Chart(at('chart'));

const drawEveryMs = 100;
const states = {
  connecting: 'Connecting…',
  live: 'Live',
  cut: 'Cut off, coming back…',
  refused: 'No stream, trying again…',
};
let wasLive = false;
/** False: what has come since will be drawn in a moment. */
let isDrawn = true;

function show() {
  isDrawn = true;
  const summary = sales.summary();
  const { days, orders, units, revenue, now } = summary;
  write(at('position'), sales.position ?? '', sales.position === undefined ? '–' : words.count(sales.position));
  write(at('revenue'), revenue, words.money(revenue));
  write(at('orders'), orders, words.count(orders));
  write(at('units'), units, words.count(units));
  write(at('now'), now?.revenue ?? '', now ? words.money(now.revenue) : '–');
  at('now-day').textContent = now ? words.day(now.day) : 'No day yet';
  chart.draw(summary);
  at('days').tBodies[0].replaceChildren(...days.map(row));
  at('no-orders').hidden = sales.lastOrders.length > 0;
  at('last').replaceChildren(...sales.lastOrders.map(lastOrder));
}

function row({ day, orders, units, revenue }) {
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, element('time', { datetime: day }, words.day(day))),
    element('td', {}, figure(orders, words.count(orders))),
    element('td', {}, figure(units, words.count(units))),
    element('td', {}, figure(revenue, words.money(revenue))),
  );
}

function lastOrder({ orderId, username, lines, total, placedAt, isCancelled }) {
  const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return element(
    'li',
    isCancelled ? { class: 'cancelled' } : {},
    element('strong', {}, orderId),
    element('span', { class: 'money' }, figure(total, words.money(total))),
    element('span', { class: 'quiet' }, username),
    element('span', { class: 'quiet' }, isCancelled ? 'cancelled' : `${words.dayShort(placedAt)}, ${words.count(units)} units`),
  );
}

/** Thousands of messages a second are drawn a few times a second, which is as fast as figures can be read; the bars glide in between. */
function showSoon() {
  if (isDrawn) setTimeout(show, drawEveryMs);
  isDrawn = false;
}

function showState(state, reason) {
  wasLive ||= state === 'live';
  show();
  at('state').dataset.state = state;
  at('state').textContent = states[state];
  const advice = `No answer from ${api.href}. Is the shop running, and does it let this page in (--origin ${location.origin})?`;
  at('hint').textContent = reason ?? advice;
  at('hint').hidden = state === 'live' || state === 'connecting' || (wasLive && reason === undefined);
}

new ResizeObserver(showSoon).observe(at('chart'));
follow(api, Sales.subscription, {
  onState: showState,
  onBegin: () => {
    sales.forget();
    showSoon();
  },
  onMessage: ({ dailySalesChanged }) => {
    sales.take(dailySalesChanged);
    showSoon();
  },
});
