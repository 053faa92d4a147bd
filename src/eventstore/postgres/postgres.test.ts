import { describeEventStore } from '../contract.ts';
import { describePostgres, Logs } from './postgres.fixture.ts';

describePostgres('on PostgreSQL', () => {
  const logs = new Logs();
  describeEventStore('postgres', { open: () => logs.open(), clear: () => logs.clear() });
});
