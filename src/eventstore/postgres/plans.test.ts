import { expect, test } from 'vitest';
import type { SqlReads } from '#base';
import { newEvent } from '../events.fixture.ts';
import type { Query } from '../port.ts';
import { describePostgres, logsOfTest } from './postgres.fixture.ts';
import { firstOfEachShape, logReader, receiptsOf, since, versionsOf } from './reads.ts';

/** Reads that only tell by which plan PostgreSQL would do them. */
function explaining(sql: SqlReads, plans: string[]): SqlReads {
  return {
    schema: sql.schema,
    read: async (text, values) => {
      const lines = await sql.read<readonly [string]>(`EXPLAIN ${text}`, values);
      plans.push(lines.map(([line]) => line).join('\n'));
      return [];
    },
  };
}

const queries: readonly Query[] = [
  'all',
  [{ stream: 'a-7' }],
  [{ stream: 'a-7', types: ['Red'] }],
  [{ types: ['Red', 'Blue'] }],
  [{ tags: ['x:7'] }],
  [{ tags: ['x:7'], types: ['Red'] }],
  [{ tags: ['x:7', 'all:1'] }],
  [{ stream: 'a-7' }, { stream: 'a-8' }, { tags: ['x:7'] }, { tags: ['x:8', 'all:1'], types: ['Red'] }, { types: ['Blue'], stream: 'a-9' }],
];

describePostgres('plans', () => {
  test('of all that the log is asked go by an index: none looks at every event, tag or receipt', async () => {
    const store = await logsOfTest().open();
    const events = Array.from({ length: 3_000 }, (_, i) =>
      newEvent(`a-${i % 300}`, { tags: [`x:${i % 500}`, 'all:1'], type: ['Red', 'Blue', 'Green'][i % 3] ?? '' }),
    );
    await store.append(events);
    const plans: string[] = [];
    await store.transaction(async ({ connection }) => {
      await connection.define(`ANALYZE ${connection.schema}.events, ${connection.schema}.event_tags`);
      const sql = explaining(connection, plans);
      const reader = logReader(sql);
      for (const query of queries) {
        await reader.read(query, { after: 1_000, limit: 1_000 });
        if (query !== 'all') await reader.readTagged(query, { after: 10, limit: 1_000 });
      }
      await versionsOf(sql, ['a-7', 'a-8']);
      await receiptsOf(sql, ['c', 'd']);
      await since(sql, 2_900, 1_000);
      await firstOfEachShape(sql);
      await reader.head();
    });
    expect(plans).toHaveLength(queries.length * 2 + 4);
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (events|event_tags|commands)/);
    expect(plans.filter((plan) => /Index|Bitmap/.test(plan))).toHaveLength(plans.length);
  });
});
