import { Command, InvalidArgumentError } from 'commander';
import { importLimits } from './limits.ts';

/** What the operator asked for. */
export interface Options {
  readonly file: string;
  readonly url: URL;
  readonly concurrency: number;
  readonly json: boolean;
}

/** Reads the command line (without node and script). Throws commander's `CommanderError` after it has printed what is wrong, or the help. */
export function readOptions(args: readonly string[]): Options {
  const program = new Command('shop:import')
    .description('Sends a CSV file in the UCI Online Retail format to the shop as GraphQL mutations. Sent again, it changes nothing.')
    .argument('<file>', 'the CSV file')
    .option('--url <url>', 'the shop’s GraphQL endpoint', readUrl, new URL('http://127.0.0.1:4000/graphql'))
    .option(
      '--concurrency <number>',
      `mutations in flight, 1 to ${importLimits.concurrencyMax}`,
      readConcurrency,
      importLimits.concurrencyDefault,
    )
    .option('--json', 'print the summary as JSON, with every line number', false)
    .showHelpAfterError('Say --help to see what it takes.')
    .exitOverride()
    .parse(args, { from: 'user' });
  return { file: program.args[0] ?? '', ...program.opts<Omit<Options, 'file'>>() };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:4000/graphql');
}

function readConcurrency(text: string): number {
  const number = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= importLimits.concurrencyMax) return number;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${importLimits.concurrencyMax}.`);
}
