import { type Backup, backupLog } from '#eventstore';
import type { Interruption } from './interruption.ts';
import { logFile } from './place.ts';
import type { ShowProgress } from './progress.ts';
import { wholeFile } from './wholefile.ts';

/** What an operator may set of a backup. */
export interface BackupFlags {
  readonly data: string;
  readonly force?: boolean | undefined;
}

/** Copies the log of a data folder to a file, beside a server that goes on, and verifies the copy: see `backupLog` and `wholeFile`. */
export function backup(file: string, { data, force }: BackupFlags, show: ShowProgress, interruption: Interruption): Promise<Backup> {
  const log = logFile(data);
  const onProgress = (step: 'copy' | 'verify', done: number, total: number): void => {
    interruption.check();
    show({ ...(step === 'copy' ? { title: 'Copying', unit: 'pages' } : { title: 'Verifying', unit: 'events' }), done, total });
  };
  return wholeFile(file, (making) => backupLog(log, making, { onProgress }), { force, notThis: log });
}
