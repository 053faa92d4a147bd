import type Database from 'better-sqlite3';
import type { Verified } from '#varve';

/** Where a verification found something: codes, and the position, the command or the row of each. */
export const places = ({ findings }: Verified): readonly string[] =>
  findings.map((one) => {
    const where = 'table' in one ? [one.table, one.key, one.column] : ['commandId' in one ? one.commandId : one.position];
    return [one.code, ...where.filter((word) => word !== undefined)].join(' ');
  });

/** What somebody does to a database by hand. */
export const sql = (text: string) => (db: Database.Database) => void db.exec(text);
