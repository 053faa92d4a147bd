import { closeSync, fsyncSync, openSync } from 'node:fs';

/** What says of a system that it does not sync this folder, rather than of a disk that something is wrong with it. */
const unsyncable = /^(EACCES|EPERM|EISDIR|EINVAL|ENOTSUP|EOPNOTSUPP|ENOSYS|EBADF)$/;

/**
 * A new folder's name stands in the folder around it: a power cut loses it with all that is in it, unless that one is synced too. SQLite does so
 * for its files, and as it does, we go on where the system cannot.
 */
export function syncFolder(folder: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && unsyncable.test(String(fault.code)))) throw fault;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
