/**
 * `node halfsender.ts URL LOG` opens a log, takes the right to rebuild its tables, and its lock, and sends the database the first part of a statement and no
 * more. Says `held` then, and stays: as a process whose network is cut amid what it sends.
 */
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { openPostgresStore } from '#eventstore';

const [, , url = '', log = ''] = process.argv;
const store = await openPostgresStore(url, { log });
await store.tryLockRebuild();
await store.transaction(async ({ connection }) => {
  await connection.read('SELECT 1');
  const { write } = Socket.prototype;
  let isFirst = true;
  // A statement that is new leaves in parts, one a write.
  Socket.prototype.write = function (this: Socket, ...given: Parameters<typeof write>) {
    if (!isFirst) return true;
    isFirst = false;
    return write.apply(this, given);
  } as typeof write;
  connection.write('SELECT 2');
  await pause(100);
  writeSync(1, 'held\n');
  await pause(600_000);
});
