import type { NewEvent } from '../port.ts';
import { sqliteExport } from '../sqlite/exporting.ts';
import { openSqliteStore } from '../sqlite/sqlite.ts';
import { exportPages } from './exporting.ts';

/** What one command left: its events, and its receipt. */
export interface Left {
  readonly commandId: string;
  readonly events: readonly NewEvent[];
}

/** A new log of what commands left, closed again. */
export async function logOf(file: string, commands: readonly Left[]): Promise<void> {
  const store = openSqliteStore(file);
  // In one transaction: a sync a command would take longer than all that is tested.
  await store.transaction(async (transaction) => {
    for (const { commandId, events } of commands) {
      if (events.length > 0) await transaction.append(events);
      const position = await transaction.position();
      await transaction.keepReceipt({ commandId, inputHash: `h-${commandId}`, outcome: `{"of":${JSON.stringify(commandId)}}`, position });
    }
  });
  await store.close();
}

/** A log's export, line by line. */
export async function linesFrom(file: string, from?: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { lines } of exportPages(sqliteExport(file, from))) found.push(...lines.map((line) => line.slice(0, -1)));
  return found;
}
