/** The program of the writer's thread: opens the log, decides what comes by its port, and ends when it is told to close. */
import { parentPort, workerData } from 'node:worker_threads';
import { VarveError } from '#base';
import { Answering, Deciding, packFault } from '#command';
import { importApplication } from './importing.ts';
import type { Said, ThreadData } from './thread.ts';
import { openWriter } from './writer.ts';

const { module, name, place, journalPositionsMax, receiptsDays, isOpenHere, port, memory, stop } = workerData as ThreadData;

const say = (what: Said): void => parentPort?.postMessage(what);

async function start() {
  const application = await importApplication(module, name);
  const deciding = new Deciding(memory);
  const answering = new Answering(port, application.commands, deciding);
  const writer = await openWriter(application, place, {
    journalPositionsMax,
    receiptsDays,
    isOpenHere,
    deciding,
    onCommit: (...commit) => answering.committed(...commit),
    onRebuilt: () => answering.rebuilt(),
    onSuperseded: (fault) => answering.superseded(fault),
    onLooked: (looked) => say({ looked }),
    onBehind: (position) => answering.behind(position),
    onRebuild: (tables, progress) => {
      say({ tables, progress });
      if (Atomics.load(stop, 0) !== 0)
        throw new VarveError({ code: 'STOPPED', message: 'The rebuild was broken off.', hint: 'Start again.' });
    },
  });
  return { answering, writer };
}

const started = await start().catch((fault: unknown) => {
  say({ fault: packFault(fault) });
  port.close();
});
if (started) {
  const { answering, writer } = started;
  say({ ready: writer.position });
  await answering.answer(writer.dispatcher);
  await writer.close();
  answering.closed();
}
