/**
 * `npm run simulate -- [--seed N] [--runs M]`: plays the worlds of M seeds from N on, on all cores, and says what was wrong in which. The same seed is the
 * same world, to the last step: `--seed N --runs 1 --trace` shows all that happens in it.
 * Exit codes: 0 nothing was found, 1 something was, 2 wrong use.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Campaign, campaign } from './campaign.ts';
import { simulate, type Tally } from './simulate.ts';

const help = `npm run simulate -- [--seed N] [--runs M] [--threads T] [--trace]

Plays whole worlds of servers, clients, crashes and bad networks by seeds, and checks each.

  --seed N     the first seed; left out: any
  --runs M     how many seeds from there on (2000)
  --threads T  how many are played at once (one a core)
  --trace      show all that happens, of one seed

Exit codes: 0 nothing was found; 1 something was; 2 wrong use.

Example:
  npm run simulate -- --seed 1 --runs 2000`;

interface Asked {
  readonly seed: number;
  readonly runs: number;
  readonly threads: number;
  readonly trace: boolean;
}

/** Throws what is wrong with what was typed. */
function asked(): Asked | 'help' {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { seed: text, runs: text, threads: text, trace: flag, help: flag } });
  if (values.help) return 'help';
  const numberOf = (name: 'seed' | 'runs' | 'threads', least: number, otherwise: number): number => {
    const value = values[name] === undefined ? otherwise : Number(values[name]);
    if (!Number.isInteger(value) || value < least || value > 2 ** 31) throw new Error(`--${name} is a whole number from ${least}.`);
    return value;
  };
  const seed = numberOf('seed', 0, Math.floor(Math.random() * 1_000_000));
  const asked = { seed, runs: numberOf('runs', 1, 2_000), threads: numberOf('threads', 1, availableParallelism()), trace: values.trace };
  if (asked.trace && asked.runs !== 1) throw new Error('--trace shows one seed: give --runs 1.');
  return asked;
}

/** On a terminal alone: how far it is. */
function progress(runs: number): (played: number) => void {
  const begun = performance.now();
  let shownAt = begun;
  return (played) => {
    const now = performance.now();
    if (!process.stderr.isTTY || (now - shownAt < 200 && played < runs)) return;
    shownAt = now;
    const speed = played / ((now - begun) / 1_000);
    process.stderr.write(`\r${played} of ${runs} seeds, ${speed.toFixed(1)} a second, ${Math.ceil((runs - played) / speed)} s to go   `);
    if (played === runs) process.stderr.write('\n');
  };
}

function report({ seed, runs }: Asked, { played, seconds, total, failed }: Campaign): void {
  const perMinute = Math.round((played / seconds) * 60);
  console.log(`${played} of ${runs} seeds from ${seed} on in ${seconds.toFixed(1)} s: ${perMinute} a minute.`);
  if (total) console.log(textOf(total));
  for (const { seed: wrong, findings } of failed) {
    console.log(`\nSeed ${wrong}:`);
    for (const { code, message } of findings) console.log(`  ${code}: ${message}`);
    console.log(`  Again: npm run simulate -- --seed ${wrong} --runs 1`);
  }
  console.log(failed.length === 0 ? 'Nothing was found.' : `\nSomething was found in ${failed.length} of them.`);
}

const textOf = (tally: Tally): string =>
  Object.entries(tally)
    .map(([what, count]) => `${what.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${count.toLocaleString('en')}`)
    .join(', ');

async function showTrace(seed: number): Promise<boolean> {
  const { lines, findings, digest } = await simulate(seed, { isTraceKept: true });
  for (const line of lines) console.log(line);
  for (const { code, message } of findings) console.log(`${code}: ${message}`);
  console.log(digest);
  return findings.length === 0;
}

async function run(what: Asked): Promise<boolean> {
  const { seed, runs, threads, trace } = what;
  if (trace) return showTrace(seed);
  const done = await campaign({ firstSeed: seed, runs, threads, onProgress: progress(runs) });
  report(what, done);
  return done.failed.length === 0;
}

function read(): Asked | 'help' | undefined {
  try {
    return asked();
  } catch (fault) {
    console.error(`${fault instanceof Error ? fault.message : String(fault)}\n\n${help}`);
    return undefined;
  }
}

const what = read();
if (!what) process.exitCode = 2;
else if (what === 'help') console.log(help);
else process.exitCode = (await run(what)) ? 0 : 1;
