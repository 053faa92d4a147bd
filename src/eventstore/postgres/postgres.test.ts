import { describe } from 'vitest';
import { describeEventStore } from '../contract.ts';
import { isWithoutPostgres, Logs, postgresTitle } from './postgres.fixture.ts';

describe.skipIf(isWithoutPostgres)(postgresTitle('on PostgreSQL'), () => {
  const logs = new Logs();
  describeEventStore('postgres', { open: () => logs.open(), clear: () => logs.clear() });
});
