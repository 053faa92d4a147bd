import { VarveError } from '#base';

/** A log that another one is being taken into says so by a comment on its table `write_lock`: it is written in a transaction as rows are, and goes with a dump. */
const unfinished = 'A part of a log: run the same import or move again.';

/** Tells whether a log is unfinished; of one that is not there, that it is not. */
export const unfinishedText = (schema: string): string =>
  `SELECT obj_description(to_regclass('${schema}.write_lock'), 'pg_class') = '${unfinished}'`;

/** Half a log must not be taken for a whole one. */
export const importUnfinished = (place: string, log: string): VarveError =>
  new VarveError({
    code: 'IMPORT_UNFINISHED',
    message: `The log ${log} of ${place} holds a part of a log: taking one in was not ended.`,
    hint: `Run the same \`varve import\` or \`varve move\` again, which goes on after what is there; or DROP SCHEMA ${log} CASCADE.`,
  });

/** Marks a log, or takes the mark away; in the caller's transaction. */
export const markText = (schema: string, is: boolean): string =>
  `COMMENT ON TABLE ${schema}.write_lock IS ${is ? `'${unfinished}'` : 'NULL'}`;
