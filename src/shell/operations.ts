import { type Command, InvalidArgumentError } from 'commander';
import type { Application } from '#application';
import type { Position } from '#base';
import { type PlaceFlags, placeOfFlags } from './configuration.ts';
import { type Interruption, interruptions } from './interruption.ts';
import type { Moved } from './move.ts';
import { folderOf, type Place, placeOf, shownPlace } from './place.ts';
import { type ShowProgress, terminalBar } from './progress.ts';
import type { Rebuilt } from './rebuilding.ts';

// What the commands do is loaded when one is called: the others should not wait for it.

interface DataFlags extends PlaceFlags {
  readonly json?: boolean;
}

/** The commands for what an operator does with a log: backup, export, import, move, rebuild, reactions. */
export function addOperations(program: Command, application: Application): void {
  addBackup(program);
  addExport(program);
  addImport(program, application);
  addMove(program, application);
  addRebuild(program, application);
  addReactions(program);
}

const jsonOption = ['--json', 'say what was done, or what is wrong, as JSON'] as const;
const forceOption = ['--force', 'replace FILE where it is there'] as const;
const exitCodes = '\nExit codes: 0 done; 1 not done, for a reason that lies in the data, the disk or the server; 2 wrong use.';

/** Adds the options that say where a log is. */
export const withPlace = (command: Command, folder = 'data folder (VARVE_DATA, else .varve)'): Command =>
  command
    .option('--data <folder>', folder)
    .option('--store <url>', 'a PostgreSQL database instead: postgres://user:password@host:5432/database (VARVE_STORE)')
    .option(...logOption);

const logOption = ['--log <name>', 'the log in that database: its schema (VARVE_LOG, else varve)'] as const;

const placeIn = (flags: PlaceFlags): Place => placeOfFlags(flags, process.env);

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

const backupHint = 'Back a database up by PostgreSQL itself: pg_dump --schema=varve, pg_basebackup, or a replica; see docs/operations.md.';

function addBackup(program: Command): void {
  withPlace(program.command('backup'))
    .argument('<FILE>', 'where to; it is there whole, or not at all')
    .description('Copy the log of a data folder to a file, while a server goes on writing, and verify the copy.')
    .option(...forceOption)
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExample:\n  varve backup /mnt/safe/shop-monday.db --data /var/lib/shop`)
    .action(async (file: string, { force, json, ...flags }: DataFlags & { force?: boolean }) => {
      const data = folderOf(placeIn(flags), 'A backup', backupHint);
      const { backup } = await import('./backup.ts');
      const done = await during((...told) => backup(file, { data, force }, ...told));
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
  withPlace(program.command('export'))
    .argument('[FILE]', 'where to; left out, or -: standard output', '-')
    .description('Write the log as lines of JSON, with all that makes it the same log again.')
    .option('--from <position>', 'begin at this position; such a part cannot be imported', positionOf)
    .option('--gzip', 'pack it; also where FILE ends in .gz')
    .option(...forceOption)
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExample:\n  varve export shop.ndjson.gz --data /var/lib/shop`)
    .action(async (file: string, { from, gzip, force, json, ...flags }: ExportCommandFlags) => {
      const place = placeIn(flags);
      const { exportLog } = await import('./export.ts');
      const toFile = file !== '-';
      try {
        const done = await during((...told) => exportLog(toFile ? file : process.stdout, { place, from, gzip, force }, ...told));
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
  withPlace(program.command('import'), 'data folder, created where it is not there (VARVE_DATA, else .varve)')
    .argument('<FILE>', 'what an export wrote, packed by gzip or not; -: standard input')
    .description('Make a log of an export, where there is none. Broken off, it goes on when it is run again.')
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExample:\n  varve import shop.ndjson.gz --data /var/lib/shop-copy`)
    .action(async (file: string, { json, ...flags }: DataFlags) => {
      const place = placeIn(flags);
      const data = shownPlace(place);
      const { importLog, openExport } = await import('./import.ts');
      const source = file === '-' ? { bytes: process.stdin } : await openExport(file);
      const done = await during((...told) => importLog(application, source, place, ...told));
      const { position, hash, seconds } = done;
      console.log(
        say(json, { file, data, ...done }, `${data}: the log up to position ${position}, hash ${hash ?? 'none'}; in ${seconds} s.`),
      );
    });
}

interface MoveFlags {
  readonly from: string;
  readonly to: string;
  readonly log?: string;
  readonly json?: boolean;
}

function addMove(program: Command, application: Application): void {
  program
    .command('move')
    .description(
      'Copy a log to another kind of store, as it is, with all that its servers stand on. Broken off, it goes on when it is run again.',
    )
    .requiredOption(
      '--from <place>',
      'where it is: a data folder, or postgres://user:password@host:5432/database; nobody may write to it meanwhile',
    )
    .requiredOption('--to <place>', 'where it is to be, and is none yet: the same')
    .option(...logOption)
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExample:\n  varve move --from /var/lib/shop --to postgres://varve@db:5432/shop`)
    .action(async ({ from, to, log = process.env['VARVE_LOG'], json }: MoveFlags) => {
      const wish = { from: placeOf(from, { log }), to: placeOf(to, { log }) };
      const { move } = await import('./move.ts');
      const done = await during((...told) => move(application, wish, ...told));
      console.log(say(json, { from: shownPlace(wish.from), to: shownPlace(wish.to), ...done }, movedText(shownPlace(wish.to), done)));
    });
}

function movedText(to: string, { position, hash, followed, seconds }: Moved & { readonly seconds: number }): string {
  const changes = followed.length > 0 ? `, with the changes of ${followed.join(', ')}` : '';
  return `${to}: the log up to position ${position}, hash ${hash ?? 'none'}${changes}; in ${seconds} s. The one that it was copied from is as it was.`;
}

function addRebuild(program: Command, application: Application): void {
  withPlace(program.command('rebuild'))
    .argument('[TABLE...]', 'read tables; none: all')
    .description('Build read tables from the log anew, beside those that stand, and swap them in; a server may be running.')
    .option('--key <key>', 'of one TABLE, the row of this key alone')
    .option('--go-back', 'all as this version of the program has them, though a newer one has replaced them, whose processes end by it')
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExamples:\n  varve rebuild orders --data /var/lib/shop\n  varve rebuild orders --key 536365`)
    .action(async (tables: readonly string[], { key, goBack, json, ...flags }: DataFlags & { key?: string; goBack?: boolean }) => {
      const place = placeIn(flags);
      const { rebuildWished } = await import('./rebuilding.ts');
      const done = await during((...told) => rebuildWished(application, place, { tables, key, isReturn: goBack }, ...told));
      console.log(say(json, done, rebuiltText(done, key)));
    });
}

function rebuiltText({ tables, position, changed, seconds }: Rebuilt & { readonly seconds: number }, key: string | undefined): string {
  const what =
    key === undefined
      ? `${tables.join(', ') || 'No read table'}: rebuilt`
      : `${tables.join()} ${key}: ${changed ? 'mended' : 'as the log gives it'}`;
  return `${what}, up to position ${position}; in ${seconds} s.`;
}

function addReactions(program: Command): void {
  const reactions = withPlace(program.command('reactions'))
    .description('Say how far each reaction has come; a server may be running.')
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExample:\n  varve reactions --data /var/lib/shop`)
    .action(async ({ json, ...flags }: DataFlags) => {
      const place = placeIn(flags);
      const { listReactions } = await import('./reactions.ts');
      const listed = await listReactions(place);
      const lines = listed.map(({ name, position, behind }) => `${name}: through with all up to position ${position}, ${behind} behind`);
      console.log(say(json, { reactions: listed }, lines.join('\n') || 'The log knows no reaction.'));
    });
  withPlace(reactions.command('skip'))
    .argument('<NAME>', 'of the reaction')
    .description('Have a reaction pass over the one event that it stands before, which it then never answers; a server may be running.')
    .option(...jsonOption)
    .addHelpText('after', `${exitCodes}\n\nExample:\n  varve reactions skip order-mail --data /var/lib/shop`)
    .action(async (name: string, _: DataFlags, command: Command) => {
      const { skipEvent } = await import('./reactions.ts');
      // `reactions` has the same options, and takes them wherever they stand.
      const { json, ...flags } = command.optsWithGlobals<DataFlags>();
      const done = await skipEvent(placeIn(flags), name);
      console.log(say(json, done, `${name} passes over the event at position ${done.position}, ${done.type} of ${done.stream}.`));
    });
}
