import { limits, type SqlReads, type SqlTransaction } from '#base';

/*
 * A table that is swapped in shows a reader only what was there when that reader's moment began: of a table that was filled since then, a part. And a
 * reader of two tables and a swap of both could wait for each other. So a moment first passes this gate, a lock of one table that all of them share, and
 * whoever puts other tables in their places has it alone: he waits until all moments that have begun are over, and those that come then wait for him.
 * A standby's readers see it too: such a lock goes there with the log.
 */

/** The first statement of each moment in which read tables are read: it must come before any that sees something. */
export const passGate = (reads: SqlReads): Promise<unknown> => reads.read(`LOCK TABLE ${reads.schema}.read_tables IN ACCESS SHARE MODE`);

/** How often it is tried in one transaction, which keeps whoever writes waiting: whoever wants it for longer begins another one. */
const tries = Math.ceil(limits.swapHoldMs / (2 * limits.swapTryMs));

/**
 * Before read tables are dropped or renamed, for the rest of the transaction. Who waits at the gate keeps all moments waiting that come after it: so it is
 * tried for a short time, again and again, and those are let through in between. A dump passes no gate: it takes its locks in an order of its own, and could
 * wait here for what waits for it. So with the gate nothing is waited for: where a table is in use all the same, the gate is let go. Only a vacuum, which
 * PostgreSQL ends for whoever waits for it, is waited for, before the gate.
 */
export async function closeGate(transaction: SqlTransaction): Promise<void> {
  const { schema } = transaction;
  await transaction.define(`DO $$
    DECLARE
      patience text := current_setting('lock_timeout');
      tables text := (SELECT string_agg(oid::regclass::text, ', ') FROM pg_class WHERE relnamespace = '${schema}'::regnamespace AND relkind = 'r'
        AND (relname IN (SELECT name FROM ${schema}.read_tables UNION ALL SELECT 'read_tables') OR relname LIKE '%\\_\\_next'));
    BEGIN
      EXECUTE format('LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE', tables);
      FOR try IN 1..${tries} LOOP
        BEGIN
          PERFORM set_config('lock_timeout', '${limits.swapTryMs}', true);
          LOCK TABLE ${schema}.read_tables IN ACCESS EXCLUSIVE MODE;
          PERFORM set_config('lock_timeout', patience, true);
          EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE NOWAIT', tables);
          RETURN;
        EXCEPTION WHEN lock_not_available THEN
          IF try = ${tries} THEN RAISE; END IF;
          PERFORM pg_sleep(${limits.swapTryMs / 1_000});
        END;
      END LOOP;
    END $$`);
}
