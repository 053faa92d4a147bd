/**
 * Loaded before a program (`node --import`), which then runs as if it had been written otherwise: with other limits, and with databases that have other settings than
 * it asks for, and answer as if they had not. `OTHER_SETTINGS` says which: {@link Settings} as JSON.
 */
import Database from 'better-sqlite3';
import { limits } from '#base';
import type { Settings } from './lives.ts';

const { pragmas: others = {}, limits: otherLimits }: Settings = JSON.parse(process.env['OTHER_SETTINGS'] ?? '{}');
Object.assign(limits, otherLimits);

const asked = new WeakMap<Database.Database, Map<string, unknown>>();
const { pragma } = Database.prototype;

Database.prototype.pragma = function (this: Database.Database, source, options) {
  const [name = '', value] = source.split('=').map((word) => word.trim());
  const other = others[name];
  if (other === undefined) return pragma.call(this, source, options);
  const answers = asked.get(this) ?? new Map<string, unknown>();
  asked.set(this, answers);
  if (value === undefined) return answers.get(name) ?? pragma.call(this, source, options);
  const answer = pragma.call(this, source, options);
  answers.set(name, pragma.call(this, name, { simple: true }));
  pragma.call(this, `${name} = ${other}`);
  return answer;
};
