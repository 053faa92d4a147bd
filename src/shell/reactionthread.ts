/** The program of the reactions' thread: answers what is committed, and ends when it is told to close. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemTimers } from '#base';
import { codecOf, packFault } from '#command';
import { openInThread } from '#eventstore';
import { sqliteNotes, startReactor } from '#reaction';
import { importApplication } from './importing.ts';
import { logFile } from './place.ts';
import type { ReactionSaid, ReactionThreadData } from './reactionworker.ts';

const { module, name, folder } = workerData as ReactionThreadData;

const say = (what: ReactionSaid): void => parentPort?.postMessage(what);

async function start() {
  const application = await importApplication(module, name);
  const log = openInThread(logFile(folder));
  const reactor = await startReactor(application.reactions, {
    log,
    notes: sqliteNotes(log, systemTimers),
    codec: codecOf(application),
    timers: systemTimers,
    onState: (state) => say({ state }),
    onFault: (fault, reaction) => say({ fault: packFault(fault), reaction }),
  });
  return { reactor, log };
}

const started = await start().catch((fault: unknown) => {
  say({ broken: packFault(fault) });
  parentPort?.close();
});
if (started) {
  const { reactor, log } = started;
  parentPort?.on('message', async (heard: 'wake' | 'close') => {
    if (heard === 'wake') return reactor.wake();
    await reactor.close();
    await log.close();
    // Of this thread alone: what answers have open, such as connections, would keep it.
    process.exit();
  });
  say('ready');
}
