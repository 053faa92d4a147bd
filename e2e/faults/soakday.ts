import { playDaysWork } from './dayswork.ts';

/** Does all that may be done to one log beside each other, for so many seconds, a minute at a time, in the PostgreSQL that `VARVE_TEST_POSTGRES` names; false at the first finding. */
export async function soakDay(seed: number, seconds: number): Promise<boolean> {
  const store = process.env['VARVE_TEST_POSTGRES'];
  if (store === undefined) throw new Error('Say in VARVE_TEST_POSTGRES where PostgreSQL is: postgres://user@host:5432/database.');
  for (let left = seconds, round = 0; left > 0; left -= 60, round++) {
    const { findings, ...tally } = await playDaysWork({ seed: seed + round, store, seconds: Math.min(60, left) });
    console.log(`a day's work, seed ${seed + round}:`, JSON.stringify(tally), `${findings.length} findings`);
    for (const { code, message } of findings) console.log(`${code}: ${message}`);
    if (findings.length > 0 || tally.deadlocks > 0 || tally.locks.length > 0) return false;
  }
  return true;
}
