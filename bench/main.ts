/** `npm run bench`, or `npm run bench NAME`: measures one of these; without a name, commands. */
const benches: Readonly<Record<string, string>> = { commands: './commands.ts', live: './live/main.ts', journal: './journal.ts' };

const name = process.argv[2] ?? 'commands';
const file = benches[name];
if (file === undefined) {
  console.error(`There is no bench ${name}. There are: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}
await import(file);
