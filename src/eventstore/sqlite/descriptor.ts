import { openSync, statSync } from 'node:fs';

/** By device and inode: a file whose descriptor is open keeps its inode. */
const descriptors = new Map<string, number>();

/**
 * Opens a database file outside of SQLite, once, and never closes it: whoever closes a file takes away all locks that its process has on it, also those of SQLite's own connections
 * (https://sqlite.org/howtocorrupt.html, 2.2), and another process would take the log for one that nobody uses.
 */
export function descriptorOf(file: string): number {
  const { dev, ino } = statSync(file);
  const key = `${dev} ${ino}`;
  const descriptor = descriptors.get(key) ?? openSync(file, 'r+');
  descriptors.set(key, descriptor);
  return descriptor;
}
