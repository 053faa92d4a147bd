/**
 * Among the columns that a statement answers, has its transaction committed only when it is on disk, and on the standbys that are to have it (P1), whatever
 * was set for the role or the database.
 */
export const durably = `set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN 'on'
     ELSE current_setting('synchronous_commit') END, true)`;
