import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Application } from '#application';
import { buildSchema, eventShapes, printSdl } from '#schema';

/** Writes an application's reviewed contracts and answers the files' names. */
export async function writeContracts(application: Application, folder: string): Promise<readonly string[]> {
  const files: Readonly<Record<string, string>> = {
    'schema.graphql': printSdl(buildSchema(application)),
    'events.json': `${JSON.stringify(eventShapes(application), null, 2)}\n`,
  };
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return Object.keys(files).map((name) => join(folder, name));
}
