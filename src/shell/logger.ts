import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

/**
 * One line an event, on standard error, so that standard output stays for what a command answers: JSON for machines, readable
 * text where a person looks. `LOG_LEVEL` sets the level.
 */
export function openLogger(level = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  const destination = process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname', singleLine: true })
    : pino.destination({ dest: 2, sync: true });
  return pino({ level: level in pino.levels.values || level === 'silent' ? level : 'info' }, destination);
}
