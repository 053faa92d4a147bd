/**
 * Forgets entries of the journal, in one statement that nobody has to wait for: of the tables whose changes reach back further than after position $1,
 * those up to position $2, the table first that reaches back furthest; $3 entries at most. Where that cuts a table's entries off, the promise is taken
 * back to after the position of the last one that went, for of it some may be gone; else to $2. Entries are found where the last look has ended, and
 * deleted by where they lie: so a step costs what it deletes.
 */
export const forgetText = (schema: string): string => `
  WITH late AS MATERIALIZED (
    SELECT name, journaled_after FROM ${schema}.read_tables WHERE journaled_after < $1
  ), gone AS MATERIALIZED (
    SELECT name, journaled_after, position, key, place FROM late CROSS JOIN LATERAL (
      SELECT position, key, ctid AS place FROM ${schema}.changes
      WHERE read_table = name AND position BETWEEN journaled_after AND $2 ORDER BY position, key LIMIT $3
    ) AS entry
    ORDER BY journaled_after, name, position, key LIMIT $3
  ), cut AS (
    SELECT name, journaled_after, position FROM gone WHERE (SELECT count(*) FROM gone) = $3
    ORDER BY journaled_after DESC, name DESC, position DESC LIMIT 1
  ), deleted AS (
    DELETE FROM ${schema}.changes WHERE ctid = ANY (ARRAY (SELECT place FROM gone))
  )
  UPDATE ${schema}.read_tables AS kept
  SET journaled_after = greatest(late.journaled_after, CASE WHEN cut.name = late.name THEN cut.position ELSE $2 END)
  FROM late LEFT JOIN cut ON true
  WHERE kept.name = late.name AND (cut.name IS NULL OR (late.journaled_after, late.name) <= (cut.journaled_after, cut.name))`;
