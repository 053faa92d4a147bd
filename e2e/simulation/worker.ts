/** The program of a thread that plays worlds: it is sent seeds, and answers what came of each. */
import { parentPort } from 'node:worker_threads';
import type { Played } from './campaign.ts';
import { simulate } from './simulate.ts';

let playing = -1;

const say = (played: Played): void => parentPort?.postMessage(played);

function sayBroken(fault: unknown, isOver: boolean): void {
  const message = `Nobody caught ${fault instanceof Error ? fault.stack : String(fault)}`;
  say({ seed: playing, findings: [{ code: 'FAULT_TOLD', message }], isOver });
}

// What nobody catches would end a server: it is a finding of the world that it came about in, which goes on.
for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, (fault: unknown) => sayBroken(fault, false));

parentPort?.on('message', (seed: number) => {
  playing = seed;
  simulate(seed).then(
    ({ findings, tally }) => say({ seed, findings, tally, isOver: true }),
    (fault: unknown) => sayBroken(fault, true),
  );
});
