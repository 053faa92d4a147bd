import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeEventStore } from '../contract.ts';
import { openSqliteStore } from './sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'varve-log-'));
let files = 0;
afterAll(() => rmSync(folder, { recursive: true }));

describeEventStore('sqlite', {
  open: () => {
    files += 1;
    return openSqliteStore(join(folder, `${files}.db`));
  },
});
