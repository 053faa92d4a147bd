/** `node serve.ts older|newer --store URL --log NAME`: serves a version of the shop, as `varve serve` does the one that is shipped. */
import { parseArgs } from 'node:util';
import { configure, serve } from '#varve';
import { newer, older } from './shops.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { store: { type: 'string' }, log: { type: 'string' } } });
const application = [older, newer].find(({ name }) => name === positionals[0]);
if (!application) throw new Error('Say which version: older or newer.');
const { url, ended } = await serve(application, configure(values, process.env)).catch((fault: unknown) => {
  console.error(fault);
  process.exit(1);
});
console.log(url);
await ended;
