import { configure, serve } from '#varve';
import { library } from './loan.ts';

const { url, ended } = await serve(library, configure({ data: '.varve-library' }, process.env));
console.log(`The library is at ${url}`);
await ended;
