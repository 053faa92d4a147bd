import { Command } from 'commander';
import { shop } from '#shop';
import { configure, type Flags } from './configuration.ts';
import { writeContracts } from './contracts.ts';
import { exitCodeOf, saidOf } from './exit.ts';
import { openLogger } from './logger.ts';
import { addLooks } from './looks.ts';
import { addOperations } from './operations.ts';
import { serve } from './serve.ts';

const program = new Command('varve')
  .description('An event-sourced GraphQL server: commands in, events kept, read tables out.')
  .showHelpAfterError()
  .exitOverride();

program
  .command('serve')
  .description('Serve the shop: GraphQL and GraphiQL at /graphql, health at /health.')
  .option('--port <number>', 'port to listen on; 0 takes a free one (PORT, else 4000)')
  .option('--host <address>', 'address to listen on (VARVE_HOST, else 127.0.0.1)')
  .option('--data <folder>', 'data folder, created where it is not there (VARVE_DATA, else .varve)')
  .option('--store <url>', 'a PostgreSQL database instead of a data folder: postgres://user:password@host:5432/database (VARVE_STORE)')
  .option('--log <name>', 'the log in that database, of which there may be several: its schema (VARVE_LOG, else varve)')
  .option('--read-store <url>', 'a database that follows that one, to be read from (VARVE_READ_STORE, else the same)')
  .option('--listen-store <url>', 'that same database past its pooler, to be told what others write (VARVE_LISTEN_STORE, else the same)')
  .option('--origin <origin...>', 'other origins whose pages may use the API (VARVE_ORIGINS, comma-separated; else none)')
  .option('--plain', 'answer the same without what makes it fast: to find out where a fault lies (VARVE_PLAIN=1, else no)')
  .option('--command-time <ms>', 'how long the code that decides one command may stand still; 0: for ever (VARVE_COMMAND_TIME, else 1000)')
  .option('--receipts-days <days>', 'how long a commandId stays known, at least (VARVE_RECEIPTS_DAYS, else for ever)')
  .addHelpText('after', '\nExample:\n  varve serve --port 8080 --data /var/lib/shop')
  .action(async (flags: Flags) => {
    const running = await serve(shop, configure(flags, process.env), openLogger());
    console.log(
      `Varve serves ${shop.name} at ${running.url} (data in ${running.data}). Open it in a browser for GraphiQL; stop with Ctrl+C.`,
    );
    await running.ended;
  });

program
  .command('schema')
  .description('Write the reviewed contracts: schema.graphql, events.json, and what is new of it into events.history.json.')
  .option('--into <folder>', 'where to', 'schema')
  .addHelpText(
    'after',
    '\nEnds with 1 where stored events could not be read as they were committed, and says what to write.\n\nExample:\n  varve schema --into schema',
  )
  .action(async ({ into }: { into: string }) => {
    const { files, complaints } = await writeContracts(shop, into);
    for (const file of files) console.log(file);
    for (const complaint of complaints) console.error(`\n${complaint}`);
    process.exitCode = complaints.length > 0 ? 1 : 0;
  });

addLooks(program, shop);
addOperations(program, shop);

try {
  await program.parseAsync();
} catch (fault) {
  const said = saidOf(fault, process.argv.includes('--json'));
  if (said !== undefined) console.error(said);
  process.exitCode = exitCodeOf(fault);
}
