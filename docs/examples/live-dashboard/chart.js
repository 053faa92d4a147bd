import { words } from './words.js';

const [left, right, top, bottom] = [44, 12, 24, 28];
const labelWidth = 52;
const barWidthMax = 56;

/** Draws a bar for each day's revenue, and draws it anew whenever it is called: bars that are there are moved, not made again. */
export class Chart {
  #svg;
  #grid;
  #bars;
  #labels;
  #value;
  #byDay = new Map();

  constructor(svg) {
    this.#svg = svg;
    [this.#grid, this.#bars, this.#labels] = ['grid', 'bars', 'labels'].map((name) => shape(svg, 'g', { class: name }));
    this.#value = shape(svg, 'text', { class: 'value' });
  }

  draw({ days, now }) {
    const { clientWidth: width, clientHeight: height } = this.#svg;
    const ground = height - bottom;
    const max = roundUp(Math.max(1, ...days.map(({ revenue }) => Number(revenue))));
    const yOf = (amount) => ground - (ground - top) * (Math.max(0, amount) / max);
    const step = (width - left - right) / Math.max(days.length, 8);
    const middleOf = (i) => left + step * (i + 0.5);
    this.#drawGrid(max, yOf, width);
    this.#drawBars(days, now, { yOf, middleOf, ground, width: Math.min(step * 0.72, barWidthMax) });
    // Where the days stand too close, every second or third is named, counted from the latest.
    const every = Math.max(1, Math.ceil(labelWidth / step));
    this.#labels.replaceChildren();
    for (const [i, { day }] of days.entries())
      if ((days.length - 1 - i) % every === 0) text(this.#labels, words.dayShort(day), middleOf(i), height - 8);
  }

  #drawGrid(max, yOf, width) {
    this.#grid.replaceChildren();
    for (const amount of [0, max / 4, max / 2, (max * 3) / 4, max]) {
      shape(this.#grid, 'line', { x1: left, x2: width - right, y1: yOf(amount), y2: yOf(amount) });
      text(this.#grid, words.axis(amount), left - 8, yOf(amount) + 4);
    }
  }

  #drawBars(days, now, { yOf, middleOf, ground, width }) {
    const gone = new Set(this.#byDay.keys());
    this.#value.textContent = '';
    for (const [i, { day, revenue }] of days.entries()) {
      gone.delete(day);
      const [x, y] = [middleOf(i), yOf(Number(revenue))];
      const bar = this.#byDay.get(day) ?? this.#make(day, ground);
      place(bar, { x: x - width / 2, width, y, height: ground - y, class: day === now?.day ? 'now' : '' });
      bar.firstChild.textContent = `${words.day(day)}: ${words.money(revenue)}`;
      if (day !== now?.day) continue;
      place(this.#value, { x, y: y - 8 });
      this.#value.textContent = words.money(revenue);
    }
    for (const day of gone) {
      this.#byDay.get(day).remove();
      this.#byDay.delete(day);
    }
  }

  #make(day, ground) {
    // It grows from the ground.
    const bar = shape(this.#bars, 'rect', { y: ground, height: 0, rx: 3 });
    shape(bar, 'title', {});
    this.#byDay.set(day, bar);
    return bar;
  }
}

/** The next of 1, 2, 4, 6, 8 or 10 times a power of ten: quarters of it are short numbers. */
function roundUp(amount) {
  const power = 10 ** Math.floor(Math.log10(amount));
  return power * [1, 2, 4, 6, 8, 10].find((factor) => factor * power >= amount);
}

function shape(parent, name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  place(made, attributes);
  return parent.appendChild(made);
}

function text(parent, words, x, y) {
  shape(parent, 'text', { x, y }).textContent = words;
}

function place(made, attributes) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
}
