import { fingerprint, type SqlReads, type SqlTransaction } from '#base';
import { Catalog, type Generation } from '../catalog.ts';
import { compareKeys } from '../keys.ts';
import { createIndexes, createTable } from './ddl.ts';
import { closeGate } from './gate.ts';
import { postgresNames } from './names.ts';
import { postgresRows } from './rows.ts';

/** The catalog of read tables in PostgreSQL, in a transaction under the log's lock. */
export const postgresCatalog = new Catalog<SqlTransaction>({
  names: postgresNames,
  sql: (transaction) => transaction,
  createTable,
  createIndexes,
  rows: ({ physical, onWhere }) => postgresRows({ physical, onWhere: async (...asked) => onWhere(...asked) }),
  closeGate,
  generations: { enforce, of: generationOf },
});

/** Notes that these are in force. */
function enforce(transaction: SqlTransaction, hashes: ReadonlyMap<string, string>): void {
  const { schema } = transaction;
  transaction.write(
    `INSERT INTO ${schema}.generations AS known (hash, generation) SELECT $1, coalesce(max(generation), 0) + 1 FROM ${schema}.generations
     ON CONFLICT (hash) DO UPDATE SET generation = excluded.generation`,
    [generationHash(hashes)],
  );
}

async function generationOf(reads: SqlReads, hashes: ReadonlyMap<string, string>): Promise<Generation> {
  const { schema } = reads;
  const [found] = await reads.read<readonly [isInForce: boolean]>(
    `SELECT generation = (SELECT max(generation) FROM ${schema}.generations) FROM ${schema}.generations WHERE hash = $1`,
    [generationHash(hashes)],
  );
  if (!found) return 'new';
  return found[0] ? 'in force' : 'replaced';
}

/** One name for all of them, in whatever order they are declared. */
const generationHash = (hashes: ReadonlyMap<string, string>) =>
  fingerprint(JSON.stringify([...hashes].sort(([one], [other]) => compareKeys(one, other))));
