/**
 * Loaded into a process before its own program, in each of its threads: kills the process, as SIGKILL does, where {@link KillPoint} says, or leaves out what
 * {@link Omission} says. It wraps what the program calls, so that the program is the one that is shipped.
 */
import { ServerResponse } from 'node:http';
import { isMainThread, MessagePort } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { type KillPoint, killPointVariable, type Omission, omissionVariable } from './killpoint.ts';

const omission = JSON.parse(process.env[omissionVariable] ?? 'null') as Omission | null;
const point = JSON.parse(process.env[killPointVariable] ?? 'null') as KillPoint | null;
let passed = 0;

/** Of threads, each counts for itself. */
function pass(): void {
  passed += 1;
  if (passed === point?.nth) process.kill(process.pid, point.signal ?? 'SIGKILL');
}

type Method = (this: object, ...given: readonly unknown[]) => unknown;

/** Puts something before a method, after it, or both; `concerns` says which calls are meant. */
function wrap(
  holder: object,
  name: string,
  concerns: (self: object, given: readonly unknown[]) => boolean,
  when: 'before' | 'after',
): void {
  const own = Reflect.get(holder, name) as Method;
  const wrapped: Method = function (...given) {
    const isMeant = concerns(this, given);
    if (isMeant && when === 'before') pass();
    const answer = own.apply(this, [...given]);
    if (isMeant && when === 'after') pass();
    return answer;
  };
  Reflect.set(holder, name, wrapped);
}

function statements(): object {
  const db = new Database(':memory:');
  const prototype = Object.getPrototypeOf(db.prepare('SELECT 1')) as object;
  db.close();
  return prototype;
}

const sourceOf = (self: object) => (self as { readonly source: string }).source;

function wrapStatements({ sql, when }: Extract<KillPoint, { at: 'statement' }>): void {
  const pattern = new RegExp(sql);
  for (const name of ['run', 'get', 'all']) wrap(statements(), name, (self) => pattern.test(sourceOf(self)), when);
  wrap(Database.prototype, 'exec', (_, [text]) => pattern.test(String(text)), when);
}

/** Leaves statements out: a server that is worse than ours, which must be found out. */
function omit({ sql, each, thenKilledMs }: Omission): void {
  const pattern = new RegExp(sql);
  const prototype = statements();
  const run = Reflect.get(prototype, 'run') as Method;
  let met = 0;
  const omitting: Method = function (...given) {
    if (!pattern.test(sourceOf(this)) || ++met % each !== 0) return run.apply(this, [...given]);
    if (thenKilledMs !== undefined) setTimeout(() => process.kill(process.pid, 'SIGKILL'), thenKilledMs);
    return { changes: 1, lastInsertRowid: 0 };
  };
  Reflect.set(prototype, 'run', omitting);
}

if (omission) omit(omission);

const hasAnswers = (message: unknown) => typeof message === 'object' && message !== null && 'answers' in message;

/** Only what the writer's thread asks, and what follows its log. */
async function wrapQueries({ sql, when }: Extract<KillPoint, { at: 'query' }>): Promise<void> {
  if (isMainThread) return;
  const pattern = new RegExp(sql);
  const { wrapQuery } = await import('./wrapquery.ts');
  wrapQuery((query, send) => {
    if (!pattern.test(query.text)) return send(query);
    if (when === 'before') pass();
    const answer = send(query);
    // What is sent in one turn leaves at its end.
    if (when === 'sent') setImmediate(pass);
    return when === 'answered' ? answer.then(passWith) : answer;
  });
}

function passWith<T>(answer: T): T {
  pass();
  return answer;
}

if (point?.at === 'statement') wrapStatements(point);
else if (point?.at === 'query') await wrapQueries(point);
else if (point?.at === 'handing out') wrap(MessagePort.prototype, 'postMessage', (_, [message]) => hasAnswers(message), 'before');
else if (point) wrap(ServerResponse.prototype, 'end', () => true, point.at === 'answering' ? 'before' : 'after');
