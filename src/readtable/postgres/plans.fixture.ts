import type { TestDatabase } from './database.fixture.ts';

/** How the database runs those of the texts that were asked that fit, whatever their values are: a line each. Sequential scans are the last resort. */
export async function plansOf({ asked, transaction }: TestDatabase, fits: (text: string) => boolean): Promise<readonly string[]> {
  const texts = asked.filter(([text]) => fits(text));
  return transaction(async (connection) => {
    await connection.define(
      'SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL plan_cache_mode = force_generic_plan',
    );
    const plans: string[] = [];
    for (const [text, values] of texts) {
      await connection.define(`PREPARE asked AS ${text}`);
      const given = values.length > 0 ? `(${values.map(literal).join()})` : '';
      const lines = await connection.read<[string]>(`EXPLAIN (COSTS OFF) EXECUTE asked ${given}`);
      await connection.define('DEALLOCATE asked');
      plans.push(lines.map(([line]) => line.trim()).join('; '));
    }
    return plans;
  });
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `'{${value.join()}}'`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}
