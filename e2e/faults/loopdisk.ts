import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { smallDisk } from '../small-disk.ts';

/** A disk of its own whose power can be cut: ext4 in a file in memory. What a system does with a real one after a power cut, it does with this one. */
export interface LoopDisk extends Disposable {
  /** Where it is mounted. */
  readonly path: string;
  /** From now on writes to blocks that are not in use yet fail, though the system has taken them: it hears of it when it syncs. Until `mend`. */
  failAtNewBlocks(): { readonly mend: () => void };
  /** From now on nothing reaches the disk any more, not even what the system meant to write, and every sync fails. */
  cutPower(): void;
  /** What the system does of itself when the disk has reported an error: from now on nothing can be written to it. */
  makeReadOnly(): void;
  /** Mounts it again, with what had reached it. No process may have a file open there. */
  restorePower(): void;
}

/** What ext4 does on `FS_IOC_GOINGDOWN`, told not to write its own log first. Node has no ioctl. */
const goDown = 'open(my $disk, "<", $ARGV[0]) or die "$!"; my $how = pack("L", 2); ioctl($disk, 0x8004587d, $how) or die "$!\\n"';

/** Programs of an administrator lie where a user's shell does not look. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
const said = (program: string, ...words: readonly string[]): string => String(execFileSync(program, words, { stdio: 'pipe', env })).trim();
const run = (program: string, ...words: readonly string[]): void => void said(program, ...words);

/** Makes and mounts such a disk. Throws where this user may not. */
export function loopDisk(sizeMiB: number): LoopDisk {
  const under = smallDisk(sizeMiB + 8);
  const [image, path] = [join(under.path, 'image'), join(under.path, 'disk')];
  const mount = () => run('mount', '-o', 'loop', image, path);
  try {
    makeImage(image, sizeMiB);
    mkdirSync(path);
    mount();
  } catch (fault) {
    under[Symbol.dispose]();
    throw fault;
  }
  return {
    path,
    failAtNewBlocks: () => failAtNewBlocks(image, path),
    cutPower: () => run('perl', '-e', goDown, path),
    makeReadOnly: () => run('mount', '-o', 'remount,abort', path),
    restorePower: () => {
      run('umount', path);
      mount();
    },
    [Symbol.dispose]: () => {
      try {
        run('umount', '-l', path);
      } finally {
        under[Symbol.dispose]();
      }
    },
  };
}

/** Takes the room in memory from the blocks that are free, and leaves none. */
function failAtNewBlocks(image: string, path: string): { readonly mend: () => void } {
  // A page at a time: of a longer write that finds room for a part, the loop device says that it went well.
  const device = basename(said('losetup', '--noheadings', '--output', 'NAME', '--associated', image));
  writeFileSync(`/sys/block/${device}/queue/max_sectors_kb`, '4');
  run('fallocate', '-l', String(statSync(image).size), image);
  run('fstrim', path);
  const ballast = `${image}.ballast`;
  const { bavail, bsize } = statfsSync(dirname(image));
  writeFileSync(ballast, Buffer.alloc(bavail * bsize));
  return { mend: () => rmSync(ballast) };
}

/** An empty file system; its file has holes where nothing was written. */
function makeImage(image: string, sizeMiB: number): void {
  const descriptor = openSync(image, 'w');
  ftruncateSync(descriptor, sizeMiB * 1024 * 1024);
  closeSync(descriptor);
  run('mkfs.ext4', '-q', '-F', '-b', '4096', '-E', 'lazy_itable_init=0,lazy_journal_init=0,nodiscard', image);
}

/** Why there can be no such disk here; undefined where there can. */
export const whyNoLoopDisk = (): string | undefined =>
  whyNot((disk) => {
    disk.cutPower();
    disk.restorePower();
  });

/** Why there can be none here that fails. */
export const whyNoFailingDisk = (): string | undefined =>
  whyNot((disk) => {
    disk.failAtNewBlocks().mend();
    disk.makeReadOnly();
    disk.cutPower();
    disk.restorePower();
  });

function whyNot(attempt: (disk: LoopDisk) => void): string | undefined {
  try {
    using disk = loopDisk(16);
    attempt(disk);
    return undefined;
  } catch (fault) {
    return `a disk in a file cannot be made, mounted, or made to fail (${String(fault).trim().split('\n').at(-1)})`;
  }
}
