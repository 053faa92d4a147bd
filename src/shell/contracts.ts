import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Application } from '#application';
import { textOf, VarveError } from '#base';
import { codecOf } from '#command';
import {
  buildSchema,
  type EventExamples,
  type EventHistory,
  eventShapes,
  exampleComplaints,
  extendHistory,
  incompatibilities,
  printSdl,
} from '#schema';

const historyFile = 'events.history.json';
const examplesFile = 'events.examples.json';

/** What was written, and which events could not be read as they were committed. */
export interface WrittenContracts {
  readonly files: readonly string[];
  /** What to write so that they can be. */
  readonly complaints: readonly string[];
}

/**
 * Writes an application's reviewed contracts. To the history of its events' shapes it adds those that are new, and none that cannot read what was
 * stored by an older one: that is a complaint. Throws `CANNOT_READ_FILE` where the history is no JSON.
 */
export async function writeContracts(application: Application, folder: string): Promise<WrittenContracts> {
  const [history, shapes] = [read<EventHistory>(folder, historyFile), eventShapes(codecOf(application))];
  const files: Readonly<Record<string, string>> = {
    'schema.graphql': printSdl(buildSchema(application)),
    'events.json': jsonOf(shapes),
    [historyFile]: jsonOf(extendHistory(history, shapes)),
  };
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return { files: Object.keys(files).map((name) => join(folder, name)), complaints: incompatibilities(history, shapes) };
}

/**
 * What of an application's events does not go together with the history and the examples in a folder of contracts: an event that could not be read as it
 * was committed, a shape that is not in the history yet, an example that is missing or is read as something else. Each says what to write.
 * Throws `CANNOT_READ_FILE`.
 */
export function contractComplaints(application: Application, folder: string): readonly string[] {
  const [history, shapes] = [read<EventHistory>(folder, historyFile), eventShapes(codecOf(application))];
  const extended = extendHistory(history, shapes);
  const unknown = Object.keys(extended).filter((type) => extended[type]?.length !== history[type]?.length);
  const lacking = `schema/${historyFile} does not have the present shape of ${unknown.join(', ')}. Run \`npm run schema\` and commit what it adds.`;
  return [
    ...incompatibilities(history, shapes),
    ...(unknown.length > 0 ? [lacking] : []),
    ...exampleComplaints(codecOf(application), extended, read<EventExamples>(folder, examplesFile)),
  ];
}

const jsonOf = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A file of JSON; an empty object where it is not there yet. */
function read<T extends Readonly<Record<string, unknown>>>(folder: string, name: string): T {
  const file = join(folder, name);
  try {
    return (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as T;
  } catch (cause) {
    throw new VarveError({
      code: 'CANNOT_READ_FILE',
      message: `${file} cannot be read: ${textOf(cause)}.`,
      hint: 'It was not touched. Mend its JSON, or take it from the last commit.',
      cause,
    });
  }
}
