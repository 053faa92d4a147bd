import { type Logger, pino } from 'pino';
import type { Recorder } from '../faults/recorder.ts';

/** Faults that a server logs and that what happens to its disk explains. */
const explained = /^(STORAGE_FULL|OUTCOME_UNKNOWN|COMMAND_TOO_SLOW)$/;

/** A logger that keeps the faults that nothing explains. */
export function collectingLogger(recorder: Recorder): Logger {
  return pino(
    { level: 'error', base: null, timestamp: false },
    {
      write: (line) => {
        const { msg, err } = JSON.parse(line) as {
          readonly msg: string;
          readonly err?: { readonly code?: string; readonly stack?: string };
        };
        if (!explained.test(String(err?.code))) recorder.fault(`It was logged: ${msg} ${err?.stack ?? ''}`);
      },
    },
  );
}
