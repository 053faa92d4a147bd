import type { Command } from 'commander';
import type { Application } from '#application';
import { VarveError } from '#base';
import type { Head } from '#eventstore';
import { type CheckProgress, checkPlace } from './check.ts';
import { checkLines } from './checklines.ts';
import { type PlaceFlags, placeOfFlags } from './configuration.ts';
import { faultText } from './fault.ts';
import { counted, findingLines, headText } from './lines.ts';
import { openLook } from './looked.ts';
import { withPlace } from './operations.ts';
import { shownPlace } from './place.ts';
import { type Bar, terminalBar } from './progress.ts';
import { type Verified, type VerifyProgress, verifyPlace } from './verify.ts';

/** What the commands that only look end with, for scripts. */
const exitCodes = { well: 0, wrong: 1, notChecked: 2 } as const;

const codesHelp = `
Ends with
  ${exitCodes.well}  where all is well
  ${exitCodes.wrong}  where something is wrong with the data
  ${exitCodes.notChecked}  where that could not be found out: no log there, a wrong argument, no room, no right`;

const checkCodesHelp = `
Ends with
  ${exitCodes.well}  where nothing stands in the way of the deployment; rows may change by the rebuild, and are told
  ${exitCodes.wrong}  where something does: an event that cannot be read, a projection that fails on one, a table that would not be what the log gives
  ${exitCodes.notChecked}  where that could not be found out: no log there, a wrong argument, no room, no right`;

interface Flags extends PlaceFlags {
  readonly head?: string;
  readonly json?: boolean;
}

/** Adds the commands that only look at a log: `head`, `verify` and `check`. They work beside a running server too. */
export function addLooks(program: Command, application: Application): void {
  looking(program, 'head', 'Print the position and the hash of the last event, POSITION:HASH, to be noted elsewhere; `0:` of an empty log.')
    .addHelpText('after', `${codesHelp}\n\nExample:\n  varve head --data /var/lib/shop >> /mnt/elsewhere/heads`)
    .action((flags: Flags) => ending(flags, async () => printHead(flags)));
  looking(program, 'verify', 'Check all of a log, its receipts and its read tables against a rebuild; only reads, a server may be running.')
    .option('--head <POSITION:HASH>', 'prove that the log still begins with what `varve head` said once')
    .addHelpText('after', `${codesHelp}\n\nExample:\n  varve verify --data /var/lib/shop --head "$(tail -n 1 /mnt/elsewhere/heads)"`)
    .action((flags: Flags) => ending(flags, async () => printVerified(application, flags)));
  looking(
    program,
    'check',
    'Before a deployment: read every event by this version of the program, and say which rows a start would change; only reads, a server may be running.',
  )
    .addHelpText('after', `${checkCodesHelp}\n\nExample:\n  varve check --data /var/lib/shop && systemctl restart shop`)
    .action((flags: Flags) => ending(flags, async () => printChecked(application, flags)));
}

const looking = (program: Command, name: string, description: string) =>
  withPlace(program.command(name))
    .description(description)
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

async function printHead({ json, ...flags }: Flags): Promise<number> {
  const { log } = await openLook(placeOfFlags(flags, process.env));
  try {
    const head = await log.head();
    console.log(json ? JSON.stringify(head) : headText(head));
    return exitCodes.well;
  } finally {
    await log.close();
  }
}

async function printVerified(application: Application, { json, head, ...flags }: Flags): Promise<number> {
  const place = placeOfFlags(flags, process.env);
  const { seconds, ...verified } = await timed((bar) => {
    const onProgress = ({ step, ...progress }: VerifyProgress) => {
      if (step !== 'file') bar.show({ ...progress, ...titles[step] });
      else if (process.stderr.isTTY) console.error('Checking the file, of which SQLite does not say how far it is …');
    };
    return verifyPlace(application, place, { head: head === undefined ? undefined : parseHead(head), onProgress });
  });
  console.log(
    json ? JSON.stringify({ ...verified, seconds }) : [...linesOf(verified), `(${shownPlace(place)}, in ${seconds} s)`].join('\n'),
  );
  return verified.ok ? exitCodes.well : exitCodes.wrong;
}

async function printChecked(application: Application, { json, ...flags }: Flags): Promise<number> {
  const place = placeOfFlags(flags, process.env);
  const { seconds, ...checked } = await timed((bar) => {
    const onProgress = ({ step, ...progress }: CheckProgress) => bar.show({ ...progress, ...titles[step] });
    return checkPlace(application, place, { onProgress });
  });
  console.log(
    json ? JSON.stringify({ ...checked, seconds }) : [...checkLines(checked), `(${shownPlace(place)}, in ${seconds} s)`].join('\n'),
  );
  return checked.ok ? exitCodes.well : exitCodes.wrong;
}

/** Runs what takes its time with a bar, and says how long it took. */
async function timed<T>(work: (bar: Bar) => Promise<T>): Promise<T & { readonly seconds: number }> {
  const bar = terminalBar();
  const started = performance.now();
  try {
    const done = await work(bar);
    return { ...done, seconds: Math.round(performance.now() - started) / 1_000 };
  } finally {
    bar.end();
  }
}

const titles: Readonly<Record<'events' | 'rows', { readonly title: string; readonly unit: string }>> = {
  events: { title: 'Checking events', unit: 'events' },
  rows: { title: 'Comparing rows', unit: 'rows' },
};

/** Reads what `headText` writes. Throws `BAD_CONFIGURATION`. */
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

function* linesOf(verified: Verified): Generator<string> {
  const { ok, head, tables, errors, warnings } = verified;
  yield* findingLines(verified);
  yield `Checked the log up to ${headText(head)}`;
  for (const { name, rows, state } of tables)
    yield `and the read table ${name}: ${state === 'equal' ? `${counted(rows, 'row')}, as the log gives them` : state}`;
  yield `${ok ? 'All is well' : counted(errors, 'error')}${warnings > 0 ? `; ${counted(warnings, 'warning')}` : ''}.`;
}
