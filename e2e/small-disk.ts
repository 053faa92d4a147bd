import { execFileSync } from 'node:child_process';
import { temporaryFolder } from './server-process.ts';

/** A disk of its own, in memory, so that it can be filled or closed to writing without harm. */
export interface SmallDisk extends Disposable {
  readonly path: string;
  /** From now on nothing can be written to it. */
  makeReadOnly(): void;
}

/** Mounts a small disk. Throws where this user may not. */
export function smallDisk(sizeMiB: number): SmallDisk {
  const folder = temporaryFolder();
  const disk = (program: 'mount' | 'umount', ...options: readonly string[]) =>
    void execFileSync(program, [...options, folder.path], { stdio: 'pipe' });
  try {
    disk('mount', '-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs');
  } catch (fault) {
    folder[Symbol.dispose]();
    throw fault;
  }
  return {
    path: folder.path,
    makeReadOnly: () => disk('mount', '-o', 'remount,ro'),
    [Symbol.dispose]: () => {
      // Lazily: where a test failed, a process may still be about to close its files there.
      disk('umount', '-l');
      folder[Symbol.dispose]();
    },
  };
}

/** Why there can be no small disk here; undefined where there can. */
export function whyNoSmallDisk(): string | undefined {
  try {
    smallDisk(1)[Symbol.dispose]();
    return undefined;
  } catch (fault) {
    return `a disk in memory cannot be mounted (${String(fault).trim().split('\n').at(-1)})`;
  }
}
