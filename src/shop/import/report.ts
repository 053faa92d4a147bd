import { reasons } from './row.ts';
import type { CodeCount, Summary } from './tally.ts';

/** True where nothing was refused, nothing failed, and nothing is left to send. */
export function isComplete({ accepted, existing, sent, notSent }: Summary): boolean {
  return accepted + existing === sent && notSent === 0;
}

/**
 * A summary as text for people.
 * @param linesShown how many line numbers stand beside each reason; `Infinity` for all
 */
export function report(summary: Summary, linesShown: number): string {
  const { file, rowsRead, planned, sent, accepted, replayed, existing, notSent, retries, seconds, sentPerSecond } = summary;
  const { products, users, orders, restocks } = planned;
  return [
    `${file}: ${count(rowsRead, 'row')}, ${count(products, 'product')}, ${count(users, 'user')}, ${count(orders, 'order')}, ${count(restocks, 'restock')}`,
    ...leftOut(summary, linesShown),
    `sent ${sent} in ${seconds.toFixed(1)} s, ${sentPerSecond}/s${retries > 0 ? `, ${count(retries, 'attempt')} repeated` : ''}`,
    `accepted ${accepted}, of these ${replayed} replayed: accepted before, unchanged`,
    ...(existing > 0 ? [`existing ${existing}: products and users that were there from elsewhere`] : []),
    ...codes('refused', summary.refused),
    ...codes('failed', summary.failed),
    ...(notSent > 0 ? [`not sent ${notSent}`] : []),
    isComplete(summary) ? 'complete' : 'incomplete: what was accepted stays; sent again, only the rest takes effect',
  ].join('\n');
}

function leftOut({ rowsLeftOut, leftOut }: Summary, linesShown: number): string[] {
  const lists = Object.entries(leftOut).map(([reason, lines]) => {
    const more = lines.length > linesShown ? ` and ${lines.length - linesShown} more (--json lists all)` : '';
    const meaning = Object.entries(reasons).find(([name]) => name === reason)?.[1] ?? '';
    return `  ${lines.length} ${reason}: ${meaning}; line${lines.length > 1 ? 's' : ''} ${lines.slice(0, linesShown).join(', ')}${more}`;
  });
  return [`left out ${count(rowsLeftOut, 'row')}`, ...lists];
}

function codes(title: string, counts: Readonly<Record<string, CodeCount>>): string[] {
  const list = Object.entries(counts);
  const total = list.reduce((sum, [, { count }]) => sum + count, 0);
  const lines = list.map(([code, { count, commandIds, message }]) => {
    return `  ${count} ${code}: ${message} (${commandIds.join(', ')}${count > commandIds.length ? ', …' : ''})`;
  });
  return [`${title} ${total}`, ...lines];
}

const count = (size: number, thing: string) => `${size} ${thing}${size === 1 ? '' : 's'}`;
