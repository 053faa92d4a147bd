import { type Asked, circumstances, figuresOf, type Measured, shown, verdict } from './figures.ts';

const [width, left, right, rowHeight, top] = [960, 420, 150, 26, 64];
/** The place of what is asked, the same in every row: a bar's length is the figure in parts of it. */
const askedAt = left + 150;
const room = width - left - right;
const colours = { reached: '#1a7f37', met: '#57ab5a', missed: '#bf8700' };

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const text = (x: number, y: number, words: string, more = '') => `<text x="${x}" y="${y}" ${more}>${escaped(words)}</text>`;

/** A line where a bar must end: whole where it must, broken where it should. */
const mark = (x: number, y: number, isBroken: boolean) =>
  `<line x1="${x}" x2="${x}" y1="${y - 13}" y2="${y + 9}" stroke="#1f2328" ${isBroken ? 'stroke-dasharray="2 2"' : ''}/>`;

function bar(figure: Asked, value: number | undefined, y: number): string {
  const { what, least, reach, isCost, unit = '' } = figure;
  const place = (at: number) => left + Math.min(room, (at / least) * (askedAt - left));
  const label = text(left - 8, y + 3, what, 'text-anchor="end"');
  const marks = mark(place(least), y, false) + mark(place(reach), y, true);
  const wanted = text(width - 8, y + 3, `${isCost ? '≤' : '≥'} ${least} ${unit}`.trim(), 'fill="#59636e" text-anchor="end"');
  if (value === undefined) return label + marks + wanted;
  const end = place(value);
  const box = `<rect x="${left}" y="${y - 9}" width="${(end - left).toFixed(1)}" height="15" fill="${colours[verdict(figure, value)]}"/>`;
  return label + box + marks + text(width - right + 8, y + 3, `${shown(value)} ${unit}`.trim()) + wanted;
}

/** Bars of what was measured, each with what is asked of it. A plain SVG. */
export function plot(measured: Measured): string {
  const figures = figuresOf(measured);
  const groups = [
    { title: 'More is better: the bar should pass the line (asked), and the broken line (to reach for)', isCost: false },
    { title: 'Less is better: the bar should stay before the line', isCost: true },
  ];
  const parts: string[] = [];
  let y = top;
  for (const { title, isCost } of groups) {
    parts.push(text(left, y, title, 'font-weight="bold" text-anchor="middle"'));
    y += rowHeight;
    for (const [figure, value] of figures.filter(([one]) => Boolean(one.isCost) === isCost)) {
      parts.push(bar(figure, value, y));
      y += rowHeight;
    }
    y += rowHeight / 2;
  }
  const isMeasured = Object.keys(measured).length > 0;
  const under = isMeasured ? circumstances() : 'Not measured yet: what is asked.';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2328">
<title>Varve beside its baselines: the figures of docs/benchmarks.md as bars</title>
<rect width="${width}" height="${y}" fill="#ffffff"/>
${text(width / 2, 22, 'Varve beside its baselines', 'font-size="16" font-weight="bold" text-anchor="middle"')}
${text(width / 2, 40, under, 'fill="#59636e" text-anchor="middle"')}
${parts.join('\n')}
</svg>
`;
}
