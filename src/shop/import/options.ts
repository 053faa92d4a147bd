import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { VarveError } from '#varve';
import { importLimits } from './limits.ts';

/** What the operator asked for. */
export interface Options {
  readonly file: string;
  readonly url: URL;
  readonly concurrency: number;
  readonly json: boolean;
}

/**
 * Reads the command line (without node and script). Throws commander's `CommanderError` after it has printed what is wrong, or the help; with
 * `--json` among the words it prints nothing of what is wrong and throws `BAD_CONFIGURATION`.
 */
export function readOptions(args: readonly string[]): Options {
  if (!args.includes('--json')) return parse(args);
  try {
    return parse(args, () => {});
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode === 0) throw error;
    const message = error.message.replace(/^error: /, '');
    throw new VarveError({ code: 'BAD_CONFIGURATION', message, hint: 'Say --help to see what it takes.' });
  }
}

function parse(args: readonly string[], complain = (text: string): void => void process.stderr.write(text)): Options {
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
    .configureOutput({ writeErr: complain })
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
