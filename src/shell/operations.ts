import { type Command, InvalidArgumentError } from 'commander';
import type { Application } from '#application';
import type { Position } from '#base';
import { dataFolder } from './configuration.ts';
import { type Interruption, interruptions } from './interruption.ts';
import { type ShowProgress, terminalBar } from './progress.ts';
import type { Rebuilt } from './rebuilding.ts';

// What the commands do is loaded when one is called: the others should not wait for it.

interface DataFlags {
  readonly data?: string;
  readonly json?: boolean;
}

/** The commands for what an operator does with a log: backup, export, import, rebuild, reactions. */
export function addOperations(program: Command, application: Application): void {
  addBackup(program);
  addExport(program);
  addImport(program, application);
  addRebuild(program, application);
  addReactions(program);
}

const dataOption = ['--data <folder>', 'data folder (VARVE_DATA, else .varve)'] as const;
const jsonOption = ['--json', 'say what was done, or what is wrong, as JSON'] as const;
const forceOption = ['--force', 'replace FILE where it is there'] as const;
const exitCodes = '\nExit codes: 0 done; 1 not done, for a reason that lies in the data, the disk or the server; 2 wrong use.';

const folderOf = (data: string | undefined) => dataFolder(data, process.env);

/** Runs a command with its bar and its ear for signals. */
async function during<T>(work: (show: ShowProgress, interruption: Interruption) => Promise<T>): Promise<T & { readonly seconds: number }> {
  const bar = terminalBar();
  const begun = performance.now();
  try {
    const done = await work(bar.show, interruptions());
    return { ...done, seconds: Math.round(performance.now() - begun) / 1000 };
  } finally {
    bar.end();
  }
}

const say = (json: boolean | undefined, done: object, text: string): string => (json ? JSON.stringify(done) : text);

function addBackup(program: Command): void {
  program
    .command('backup')
    .argument('<FILE>', 'where to; it is there whole, or not at all')
    .description('Copy the log to a file, while a server goes on writing, and verify the copy.')
    .option(...dataOption)
    .option(...forceOption)
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExample:\n  varve backup /mnt/safe/shop-monday.db --data /var/lib/shop`)
    .action(async (file: string, { data, force, json }: DataFlags & { force?: boolean }) => {
      const { backup } = await import('./backup.ts');
      const done = await during((...told) => backup(file, { data: folderOf(data), force }, ...told));
      const { position, hash, bytes, seconds } = done;
      console.log(
        say(
          json,
          { file, ...done },
          `${file}: the log up to position ${position}, hash ${hash ?? 'none'}; ${bytes} bytes in ${seconds} s, verified.`,
        ),
      );
    });
}

function positionOf(text: string): Position {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('A position is a whole number from 1.');
  return Number(text);
}

interface ExportCommandFlags extends DataFlags {
  readonly from?: Position;
  readonly gzip?: boolean;
  readonly force?: boolean;
}

function addExport(program: Command): void {
  program
    .command('export')
    .argument('[FILE]', 'where to; left out, or -: standard output', '-')
    .description('Write the log as lines of JSON, with all that makes it the same log again.')
    .option(...dataOption)
    .option('--from <position>', 'begin at this position; such a part cannot be imported', positionOf)
    .option('--gzip', 'pack it; also where FILE ends in .gz')
    .option(...forceOption)
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExample:\n  varve export shop.ndjson.gz --data /var/lib/shop`)
    .action(async (file: string, { data, json, ...flags }: ExportCommandFlags) => {
      const { exportLog } = await import('./export.ts');
      const toFile = file !== '-';
      try {
        const done = await during((...told) => exportLog(toFile ? file : process.stdout, { data: folderOf(data), ...flags }, ...told));
        const { events, receipts, position, hash, seconds } = done;
        const text = `${file}: ${events} events and ${receipts} receipts, up to position ${position}, hash ${hash ?? 'none'}; in ${seconds} s.`;
        if (toFile) console.log(say(json, { file, ...done }, text));
        else if (json) console.error(JSON.stringify({ file, ...done }));
      } catch (fault) {
        // Whoever reads has had enough, as `head` has.
        if (!(fault instanceof Error && 'code' in fault && fault.code === 'EPIPE')) throw fault;
      }
    });
}

function addImport(program: Command, application: Application): void {
  program
    .command('import')
    .argument('<FILE>', 'what an export wrote, packed by gzip or not; -: standard input')
    .description('Make a log of an export, in a data folder that holds none. Broken off, it goes on when it is run again.')
    .option('--data <folder>', 'data folder, created where it is not there (VARVE_DATA, else .varve)')
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExample:\n  varve import shop.ndjson.gz --data /var/lib/shop-copy`)
    .action(async (file: string, { data, json }: DataFlags) => {
      const { importLog, openExport } = await import('./import.ts');
      const folder = folderOf(data);
      const source = file === '-' ? { bytes: process.stdin } : await openExport(file);
      const done = await during((...told) => importLog(application, source, folder, ...told));
      const { position, hash, seconds } = done;
      console.log(
        say(
          json,
          { file, data: folder, ...done },
          `${folder}: the log up to position ${position}, hash ${hash ?? 'none'}; in ${seconds} s.`,
        ),
      );
    });
}

function addRebuild(program: Command, application: Application): void {
  program
    .command('rebuild')
    .argument('[TABLE...]', 'read tables; none: all')
    .description('Build read tables from the log anew, beside those that stand, and swap them in; a server may be running.')
    .option('--key <key>', 'of one TABLE, the row of this key alone')
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExamples:\n  varve rebuild orders --data /var/lib/shop\n  varve rebuild orders --key 536365`)
    .action(async (tables: readonly string[], { data, key, json }: DataFlags & { key?: string }) => {
      const { rebuildWished } = await import('./rebuilding.ts');
      const done = await during((...told) => rebuildWished(application, folderOf(data), { tables, key }, ...told));
      console.log(say(json, done, rebuiltText(done, key)));
    });
}

function rebuiltText({ tables, position, changed, seconds }: Rebuilt & { readonly seconds: number }, key: string | undefined): string {
  const what =
    key === undefined ? `${tables.join(', ')}: rebuilt` : `${tables.join()} ${key}: ${changed ? 'mended' : 'as the log gives it'}`;
  return `${what}, up to position ${position}; in ${seconds} s.`;
}

function addReactions(program: Command): void {
  const reactions = program
    .command('reactions')
    .description('Say how far each reaction has come; a server may be running.')
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExample:\n  varve reactions --data /var/lib/shop`)
    .action(async ({ data, json }: DataFlags) => {
      const { listReactions } = await import('./reactions.ts');
      const listed = listReactions(folderOf(data));
      const lines = listed.map(({ name, position, behind }) => `${name}: through with all up to position ${position}, ${behind} behind`);
      console.log(say(json, { reactions: listed }, lines.join('\n') || 'The log knows no reaction.'));
    });
  reactions
    .command('skip')
    .argument('<NAME>', 'of the reaction')
    .description('Have a reaction pass over the one event that it stands before, which it then never answers; a server may be running.')
    .option(...dataOption)
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExample:\n  varve reactions skip order-mail --data /var/lib/shop`)
    .action(async (name: string, _: DataFlags, command: Command) => {
      const { skipEvent } = await import('./reactions.ts');
      // `reactions` has the same options, and takes them wherever they stand.
      const { data, json } = command.optsWithGlobals<DataFlags>();
      const done = await skipEvent(folderOf(data), name);
      console.log(say(json, done, `${name} passes over the event at position ${done.position}, ${done.type} of ${done.stream}.`));
    });
}
