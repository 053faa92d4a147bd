import { mkdtempSync, rmSync } from 'node:fs';
import { openSqliteStore } from '#eventstore';
import { dropUnknown, prepareNext, swapNext, sqliteRows, sqliteSnapshots, table, id, tableStates, tableHash } from '#readtable';
const f = mkdtempSync('/tmp/smoke-');
const log = openSqliteStore(f + '/varve.db');
const t = table('users', { userId: id() }, { key: 'userId' });
await log.transaction(({ connection }) => { dropUnknown(connection, new Set(['users'])); prepareNext(connection, t); swapNext(connection, t, tableHash(t, 'x'), 0); });
await log.transaction(({ connection }) => sqliteRows().write(connection, t, new Map([['a', { userId: 'a' }]])));
const s = sqliteSnapshots(() => log.openReader());
const one = await s.take(); console.log(one.position, one.rows(t, ['a', 'b'])); one.release();
try { await log.transaction(({ connection }) => prepareNext(connection, table('events', { x: id() }, { key: 'x' }))); } catch (e) { console.log((e as Error).message); }
console.log(await log.transaction(({ connection }) => [...tableStates(connection)]));
s.close(); await log.close(); rmSync(f, { recursive: true });
