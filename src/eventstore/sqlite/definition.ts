import Database from 'better-sqlite3';
import { knownMigrations, lastApplied, migrate } from './migrate.ts';

/**
 * What of the log's own tables and indexes is not there, or is another, in words: against what the migrations up to the one that was applied
 * last leave behind. Undefined where all is there, where nothing was migrated yet, and of a log that a newer version migrated.
 */
export function missingDefinition(db: Database.Database): string | undefined {
  const applied = lastApplied(db);
  if (applied === 0) return columnsOf(db, 'events').size > 0 ? 'it does not say which migrations its tables come from' : undefined;
  const known = knownMigrations();
  if (!known.some(({ folderMillis }) => folderMillis === applied)) return undefined;
  const model = new Database(':memory:');
  try {
    const upToApplied = known.filter(({ folderMillis }) => folderMillis <= applied);
    migrate(model, upToApplied);
    return missingTable(db, model) ?? missingIndex(db, model);
  } finally {
    model.close();
  }
}

function missingTable(db: Database.Database, model: Database.Database): string | undefined {
  for (const table of model.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()) {
    const [found, wanted] = [columnsOf(db, table), columnsOf(model, table)];
    if (found.size === 0) return `its table ${table} is missing`;
    for (const [column, placeInKey] of wanted) {
      if (!found.has(column)) return `its table ${table} has no column ${column}`;
      // A key that is gone lets the same receipt in twice.
      if (found.get(column) !== placeInKey) return `its table ${table} has another primary key`;
    }
  }
  return undefined;
}

/** An index that is gone makes reads slow; where it was to keep out what is there already, it lets it in. */
function missingIndex(db: Database.Database, model: Database.Database): string | undefined {
  const found = indexesOf(db);
  for (const [index, sql] of indexesOf(model)) {
    if (!found.has(index)) return `its index ${index} is missing`;
    if (found.get(index) !== sql) return `its index ${index} is another than Varve makes`;
  }
  return undefined;
}

/** Each column, and its place in the primary key: 0 outside of it. */
const columnsOf = (db: Database.Database, table: string): ReadonlyMap<string, number> =>
  new Map(db.prepare<[string], readonly [string, number]>('SELECT name, pk FROM pragma_table_info(?)').raw().all(table));

/** Each index that was made by a statement of its own, and that statement, however it was spaced and quoted. */
function indexesOf(db: Database.Database): ReadonlyMap<string, string> {
  const made = db.prepare<[], readonly [string, string]>("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL");
  return new Map(
    made
      .raw()
      .all()
      .map(([name, sql]) => [name, sql.replaceAll(/[\s`"[\]]/g, '').toLowerCase()]),
  );
}
