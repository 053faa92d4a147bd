import { expect, test } from 'vitest';
import { Turn, told } from './turn.ts';

/** A connection whose statements are answered as it is said here, later and in their order: by a command, or by a fault, which ends it where it is fatal or not the server's. */
class Speaking {
  readonly said: string[] = [];
  readonly #answers: Readonly<Record<string, string | Error>>;
  brokenBy: unknown;
  quietMs = 0;
  unreplicated: unknown;

  constructor(answers: Readonly<Record<string, string | Error>> = {}) {
    this.#answers = answers;
  }

  get isOpen(): boolean {
    return this.brokenBy === undefined;
  }

  say(text: string): Promise<{ readonly command: string; readonly rows: never[] }> {
    if (!this.isOpen) return Promise.reject(this.brokenBy);
    this.said.push(text);
    const answer = this.#answers[text] ?? text;
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        if (typeof answer === 'string') return resolve({ command: answer, rows: [] });
        if (!('severity' in answer) || answer.severity === 'FATAL') this.break(answer);
        reject(answer);
      });
    });
  }

  ask(text: string): Promise<{ readonly command: string; readonly rows: never[] }> {
    return this.say(text);
  }

  break(fault: unknown): void {
    this.brokenBy ??= fault;
  }

  takeUnreplicated(): unknown {
    return this.unreplicated;
  }
}

const error = (severity: string, code: string) => Object.assign(new Error(`${severity} ${code}`), { severity, code });
const reset = () => Object.assign(new Error('reset'), { code: 'ECONNRESET' });

async function committed(link: Speaking): Promise<unknown> {
  const turn = new Turn(link, '"varve"', 1_000);
  turn.write('INSERT');
  return turn.commit().then(
    () => 'COMMITTED',
    (fault) => fault.code,
  );
}

test.each<[string, Record<string, string | Error>, string]>([
  ['all was well', {}, 'COMMITTED'],
  ['COMMIT rolled back', { COMMIT: 'ROLLBACK' }, 'STORE_UNAVAILABLE'],
  ['a statement failed, and so COMMIT rolled back', { INSERT: error('ERROR', '53100'), COMMIT: 'ROLLBACK' }, 'STORAGE_FULL'],
  ['COMMIT failed', { COMMIT: error('ERROR', '53100') }, 'STORAGE_FULL'],
  ['the connection broke at COMMIT', { COMMIT: reset() }, 'OUTCOME_UNKNOWN'],
  ['it broke before the statement was answered, COMMIT was sent with it', { INSERT: reset(), COMMIT: reset() }, 'OUTCOME_UNKNOWN'],
  ['the server ended it at COMMIT', { COMMIT: error('FATAL', '57P01') }, 'OUTCOME_UNKNOWN'],
  ['the server ended it before it read COMMIT', { COMMIT: error('FATAL', '25P03') }, 'STORE_UNAVAILABLE'],
  ['the server ended it amid a statement before COMMIT', { INSERT: error('FATAL', '57P01'), COMMIT: reset() }, 'STORE_UNAVAILABLE'],
])('of a transaction is told what became of it, where that is known: %s', async (_, answers, expected) => {
  expect(await committed(new Speaking(answers))).toBe(expected);
});

test('a transaction that was silent for longer than it may hold the lock sends no COMMIT', async () => {
  const link = Object.assign(new Speaking(), { quietMs: 1_001 });
  expect(await committed(link)).toBe('STORE_UNAVAILABLE');
  expect(link.said).not.toContain('COMMIT');
});

test('a commit whose wait for a standby somebody ended is unknown: after a failover it may be gone', async () => {
  expect(await committed(Object.assign(new Speaking(), { unreplicated: new Error('canceling wait') }))).toBe('OUTCOME_UNKNOWN');
});

test('a read that a standby ended so that it could follow may well succeed in a moment', () => {
  const said = Object.assign(new Error('canceling statement due to conflict with recovery'), { severity: 'ERROR', code: '40001' });
  const fault = { code: 'STORE_UNAVAILABLE', retryable: true, message: expect.stringContaining('stood in the way'), cause: said };
  expect(told(said)).toMatchObject(fault);
});
