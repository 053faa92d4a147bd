/** The program of the reactions' thread: answers what is committed, and ends when it is told to close. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemTimers } from '#base';
import { codecOf, packFault } from '#command';
import { openInThread, openPostgresReader } from '#eventstore';
import { postgresNotes, sqliteNotes, startReactor } from '#reaction';
import { importApplication } from './importing.ts';
import { logFile, type Place } from './place.ts';
import type { ReactionSaid, ReactionThreadData } from './reactionworker.ts';

const { module, name, place } = workerData as ReactionThreadData;

const say = (what: ReactionSaid): void => parentPort?.postMessage(what);

function openLog(where: Place) {
  if ('folder' in where) {
    const log = openInThread(logFile(where.folder));
    return { log, notes: sqliteNotes(log, systemTimers) };
  }
  const log = openPostgresReader(where.url, { log: where.log });
  return { log, notes: postgresNotes(log.sql) };
}

async function start() {
  const application = await importApplication(module, name);
  const { log, notes } = openLog(place);
  const reactor = await startReactor(application.reactions, {
    log,
    notes,
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
