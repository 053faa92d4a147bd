import { VarveError } from '#base';
import type { Address } from './address.ts';
import type { Link } from './link.ts';

/** A connection, as far as it is asked here. */
type Sayer = Pick<Link, 'say'>;

const versionMin = 150_000;

/** Refuses a server on which a log cannot be kept. Throws `STORE_TOO_OLD`, `BAD_CONFIGURATION`, `STORE_RIGHTS_MISSING`. */
export async function assertServer(link: Sayer, { place }: Address, schema: string): Promise<void> {
  const { rows } = await link.say(
    "SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('server_encoding')",
  );
  const [number, version, encoding] = rows[0] ?? [];
  if (Number(number) < versionMin)
    throw new VarveError({
      code: 'STORE_TOO_OLD',
      message: `${place} is PostgreSQL ${version}; a log needs 15 at least.`,
      hint: 'Upgrade the server, or give another one.',
    });
  if (encoding !== 'UTF8')
    throw new VarveError({
      code: 'BAD_CONFIGURATION',
      message: `The database of ${place} has the encoding ${encoding}; a log needs UTF8.`,
      hint: "Make another one: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0.",
    });
  await assertRights(link, place, schema);
}

/** The statements that would give what a role lacks; of what is not its own none can be dropped and made anew, as read tables are. */
const missingRights = (schema: string) => `
  SELECT format('GRANT CREATE ON DATABASE %I TO %I;', current_database(), current_user)
    WHERE to_regnamespace('${schema}') IS NULL AND NOT has_database_privilege(current_database(), 'CREATE')
  UNION ALL SELECT format('GRANT USAGE, CREATE ON SCHEMA %s TO %I;', '${schema}', current_user) FROM pg_namespace
    WHERE oid = to_regnamespace('${schema}') AND NOT (has_schema_privilege(oid, 'USAGE') AND has_schema_privilege(oid, 'CREATE'))
  UNION ALL SELECT DISTINCT format('GRANT %I TO %I;', pg_get_userbyid(relowner), current_user) FROM pg_class
    WHERE relnamespace = to_regnamespace('${schema}') AND relkind = 'r' AND NOT pg_has_role(relowner, 'USAGE')`;

async function assertRights(link: Sayer, place: string, schema: string): Promise<void> {
  const { rows } = await link.say(`SELECT current_user, ARRAY(${missingRights(schema)})`);
  const [role, missing] = rows[0] ?? [];
  if (!Array.isArray(missing) || missing.length === 0) return;
  throw new VarveError({
    code: 'STORE_RIGHTS_MISSING',
    message: `The role ${role} lacks rights that the log ${schema} of ${place} needs.`,
    hint: `As an administrator run: ${missing.join(' ')}`,
  });
}
