import { limits, type SqlReads, type SqlTransaction } from '#base';

/*
 * A table that is swapped in shows a reader only what was there when that reader's moment began: of a table that was filled since then, a part. And a
 * reader of two tables and a swap of both could wait for each other. So a moment first passes this gate, a lock of one table that all of them share, and
 * whoever puts other tables in their places has it alone: he waits until all moments that have begun are over, and those that come then wait for him.
 * A standby's readers see it too: such a lock goes there with the log.
 */

/** The first statement of each moment in which read tables are read: it must come before any that sees something. */
export const passGate = (reads: SqlReads): Promise<unknown> => reads.read(`LOCK TABLE ${reads.schema}.read_tables IN ACCESS SHARE MODE`);

/** A moment may be kept for so long; and a rebuild of hours should not end at that. */
const tries = Math.ceil(limits.snapshotHoldMs / limits.swapTryMs);

/**
 * Before read tables are dropped or renamed, for the rest of the transaction. Who waits at the gate keeps all moments waiting that come after it: so it is
 * tried for a short time, again and again, and those are let through in between.
 */
export async function closeGate(transaction: SqlTransaction): Promise<void> {
  await transaction.define(`DO $$
    DECLARE patience text := current_setting('lock_timeout');
    BEGIN
      FOR try IN 1..${tries} LOOP
        BEGIN
          PERFORM set_config('lock_timeout', '${limits.swapTryMs}', true);
          LOCK TABLE ${transaction.schema}.read_tables IN ACCESS EXCLUSIVE MODE;
          PERFORM set_config('lock_timeout', patience, true);
          RETURN;
        EXCEPTION WHEN lock_not_available THEN
          IF try = ${tries} THEN RAISE; END IF;
          PERFORM pg_sleep(${limits.swapTryMs / 1_000});
        END;
      END LOOP;
    END $$`);
}
