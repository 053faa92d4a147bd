import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bellFile, rung } from '../src/shell/bells.fixture.ts';
import { startServing } from './server-process.ts';

const src = join(import.meta.dirname, '../src');

/**
 * Serves the house of lamps with its bell; several that share a log share what the bell leaves, too.
 *
 * @param place a folder for that, and for the program
 * @param where its log is
 */
export async function startBells(place: string, where: Readonly<Record<string, string>>) {
  const script = `
    import { configure, serve } from ${JSON.stringify(join(src, 'index.ts'))};
    import { bells } from ${JSON.stringify(join(src, 'shell/bells.fixture.ts'))};
    const { url, ended } = await serve(bells, configure(${JSON.stringify({ ...where, port: '0' })}, process.env));
    console.log(url);
    await ended;`;
  const program = join(place, 'served.mjs');
  writeFileSync(program, script);
  const server = await startServing([program], { [bellFile]: join(place, 'rung') });
  return {
    ...server,
    /** Switches a lamp so many times; null where the server did not live to answer. */
    switched: (times: number) => switched(server.url, times).catch(() => null),
    reactions: async () => ((await (await fetch(new URL('/health', server.url))).json()) as { reactions: unknown }).reactions,
  };
}

async function switched(url: string, times: number): Promise<unknown> {
  const query = `mutation { switchLamp(input: { lampId: "a", times: ${times} }) { __typename ... on LampAccepted { position } } }`;
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) });
  return ((await response.json()) as { data: { switchLamp: unknown } }).data.switchLamp;
}

/** What the bell did in a place, attempt by attempt. */
export const rungIn = (place: string) => rung(join(place, 'rung'));

/** The positions that it rang for. */
export const positionsIn = (place: string): readonly number[] => rungIn(place).map(({ position }) => position);

/** Waits until it has rung for these, one after the other, and for nothing else. */
export const reach = (place: string, ...expected: readonly number[]): Promise<void> =>
  expect.poll(() => positionsIn(place), { timeout: 30_000 }).toEqual(expected);

/** What `/health` says of the bell. */
export const bell = (position: number, behind = 0, failing = false) => [{ name: 'bell', position: String(position), behind, failing }];
