import type { Command } from 'commander';
import type { Application } from '#application';
import { VarveError } from '#base';
import { type Head, openInspection } from '#eventstore';
import { dataFolder } from './configuration.ts';
import { faultText } from './fault.ts';
import { terminalBar } from './progress.ts';
import { type Verified, type VerifyProgress, verify } from './verify.ts';
import { logFile } from './writer.ts';

/** What the commands that only look end with, for scripts. */
const exitCodes = { well: 0, wrong: 1, notChecked: 2 } as const;

const codesHelp = `
Ends with
  ${exitCodes.well}  where all is well
  ${exitCodes.wrong}  where something is wrong with the data
  ${exitCodes.notChecked}  where that could not be found out: no log there, a wrong argument, no room, no right`;

interface Flags {
  readonly data?: string;
  readonly head?: string;
  readonly json?: boolean;
}

/** Adds the commands that only look at a log: `head` and `verify`. They work beside a running server too. */
export function addLooks(program: Command, application: Application): void {
  looking(program, 'head', 'Print the position and the hash of the last event, POSITION:HASH, to be noted elsewhere; `0:` of an empty log.')
    .addHelpText('after', `${codesHelp}\n\nExample:\n  varve head --data /var/lib/shop >> /mnt/elsewhere/heads`)
    .action((flags: Flags) => ending(flags, async () => printHead(flags)));
  looking(program, 'verify', 'Check all of a log, its receipts and its read tables against a rebuild; only reads, a server may be running.')
    .option('--head <POSITION:HASH>', 'prove that the log still begins with what `varve head` said once')
    .addHelpText('after', `${codesHelp}\n\nExample:\n  varve verify --data /var/lib/shop --head "$(tail -n 1 /mnt/elsewhere/heads)"`)
    .action((flags: Flags) => ending(flags, async () => printVerified(application, flags)));
}

const looking = (program: Command, name: string, description: string) =>
  program
    .command(name)
    .description(description)
    .option('--data <folder>', 'data folder (VARVE_DATA, else .varve)')
    .option('--json', 'answer in JSON')
    // A word that is not understood is no finding.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? exitCodes.well : exitCodes.notChecked));

async function ending({ json }: Flags, work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (fault) {
    console.error(faultText(fault));
    if (json && fault instanceof VarveError)
      console.log(JSON.stringify({ error: { code: fault.code, message: fault.message, hint: fault.hint } }));
    process.exitCode = fault instanceof VarveError && fault.code === 'STORAGE_CORRUPT' ? exitCodes.wrong : exitCodes.notChecked;
  }
}

function printHead({ data, json }: Flags): number {
  const log = openInspection(logFile(dataFolder(data, process.env)));
  try {
    const head = log.head();
    console.log(json ? JSON.stringify(head) : headText(head));
    return exitCodes.well;
  } finally {
    log.close();
  }
}

async function printVerified(application: Application, { data, json, head }: Flags): Promise<number> {
  const folder = dataFolder(data, process.env);
  const bar = terminalBar();
  const started = performance.now();
  try {
    const onProgress = ({ step, ...progress }: VerifyProgress) => {
      if (step !== 'file') bar.show({ ...progress, ...titles[step] });
      else if (process.stderr.isTTY) console.error('Checking the file, of which SQLite does not say how far it is …');
    };
    const verified = await verify(application, folder, { head: head === undefined ? undefined : parseHead(head), onProgress });
    bar.end();
    const seconds = Math.round(performance.now() - started) / 1_000;
    console.log(json ? JSON.stringify({ ...verified, seconds }) : [...linesOf(verified), `(${folder}, in ${seconds} s)`].join('\n'));
    return verified.ok ? exitCodes.well : exitCodes.wrong;
  } finally {
    bar.end();
  }
}

const titles: Readonly<Record<'events' | 'rows', { readonly title: string; readonly unit: string }>> = {
  events: { title: 'Checking events', unit: 'events' },
  rows: { title: 'Comparing rows', unit: 'rows' },
};

/** As `varve head` prints it. */
const headText = ({ position, hash }: Head): string => `${position}:${hash ?? ''}`;

/** Reads what {@link headText} writes. Throws `BAD_CONFIGURATION`. */
function parseHead(text: string): Head {
  const [, digits, hash = ''] = /^(0|[1-9]\d{0,14}):([0-9a-f]{64})?$/i.exec(text.trim()) ?? [];
  if (digits === undefined || (digits === '0') !== (hash === ''))
    throw new VarveError({
      code: 'BAD_CONFIGURATION',
      message: `${JSON.stringify(text.slice(0, 100))} is no head.`,
      hint: 'Give --head POSITION:HASH, as `varve head` printed it: digits, a colon, 64 hexadecimal digits.',
    });
  return { position: Number(digits), hash: hash === '' ? null : hash.toLowerCase() };
}

function* linesOf({ ok, head, tables, errors, warnings, counts, findings }: Verified): Generator<string> {
  for (const { level, code, message } of findings) yield `${level} ${code}: ${message}`;
  for (const [code, count] of Object.entries(counts)) {
    const more = count - findings.filter((one) => one.code === code).length;
    if (more > 0) yield `and ${more} more ${code}`;
  }
  yield `Checked the log up to ${headText(head)}`;
  for (const { name, rows, state } of tables)
    yield `and the read table ${name}: ${state === 'equal' ? `${rows} rows, as the log gives them` : state}`;
  yield `${ok ? 'All is well' : counted(errors, 'error')}${warnings > 0 ? `; ${counted(warnings, 'warning')}` : ''}.`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
