import { CommanderError } from 'commander';
import { VarveError } from '#varve';
import { readText } from './file.ts';
import { importLimits } from './limits.ts';
import { commandsOf } from './operations.ts';
import { type Options, readOptions } from './options.ts';
import { planImport } from './plan.ts';
import { probe } from './post.ts';
import { progress } from './progress.ts';
import { isComplete, report } from './report.ts';
import { sendAll } from './send.ts';
import { type Summary, Tally } from './tally.ts';

/** Reads, plans, sends, and sums up. Throws a {@link VarveError} where the import could not begin. */
async function importFile({ file, url, concurrency, json }: Options, stop: AbortSignal): Promise<Summary> {
  const plan = planImport(await readText(file));
  await requireShop(url);
  const tally = new Tally(plan);
  const bar = progress(process.stderr.isTTY && !json, tally.planned);
  const begun = performance.now();
  await sendAll(commandsOf(plan), {
    url,
    concurrency,
    stop,
    onRetry: () => tally.retried(),
    onOutcome: (command, outcome) => {
      tally.count(command, outcome);
      bar.update(tally.sent, tally.planned);
    },
  }).finally(bar.stop);
  return tally.summary(file, url.href, (performance.now() - begun) / 1000);
}

async function requireShop(url: URL): Promise<void> {
  const fault = await probe(url);
  if (fault?.unreachable) {
    const hint = 'Start the shop (npm start), or say with --url where it is.';
    throw new VarveError({ code: 'SERVER_UNREACHABLE', message: `No server answers at ${url.href}: ${fault.message}`, hint });
  }
  if (fault) {
    const hint = 'Give the address of the shop’s GraphQL endpoint with --url; it ends in /graphql.';
    throw new VarveError({ code: 'NO_SHOP', message: `What answers at ${url.href} is not the shop, or not ready: ${fault.message}`, hint });
  }
}

/** Fires at the first SIGINT or SIGTERM: what is in flight is finished and summed up. A second one ends the process. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

/** The exit code: 0 all accepted, 1 some not, 2 the import could not begin. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    // Before the file is read: a large one takes a while to plan, and who interrupts that is answered in words too.
    const summary = await importFile(options, interruption());
    const text = options.json
      ? JSON.stringify(summary, undefined, 2)
      : report(summary, process.stdout.isTTY ? importLimits.linesShownMax : Infinity);
    process.stdout.write(`${text}\n`);
    return isComplete(summary) ? 0 : 1;
  } catch (error) {
    // Commander has said what it is about, or printed the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof VarveError)) throw error;
    const { code, message, hint } = error;
    process.stderr.write(args.includes('--json') ? `${JSON.stringify({ code, message, hint })}\n` : `${message}\n${hint}\n(${code})\n`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
