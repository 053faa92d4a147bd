/**
 * A peer: Emmett's command handler on PostgreSQL, in a process of its own, 64 commands at once, with no HTTP before it. A command reads its own stream, decides, and
 * appends one event; in the same transaction an inline projection writes the product's row, by one statement, which costs less than a document of Pongo's. There is
 * no receipt, tag or journal. Its arguments: the database, seconds, a name that no other run has, connections. Prints commands a second.
 */
import { sql } from '@event-driven-io/dumbo';
import { CommandHandler, projections } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore, postgreSQLRawSQLProjection } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';

const [connectionString, seconds, run, connections] = process.argv.slice(2);
const products = postgreSQLRawSQLProjection({
  name: 'products',
  canHandle: ['ProductAdded'],
  init: () =>
    sql('CREATE TABLE IF NOT EXISTS products (sku text PRIMARY KEY, name text NOT NULL, price numeric NOT NULL, stock integer NOT NULL)'),
  evolve: ({ data: { sku, name, price, stock } }) =>
    sql(
      `INSERT INTO products (sku, name, price, stock) VALUES (%L, %L, %L, %L)
       ON CONFLICT (sku) DO UPDATE SET name = excluded.name, price = excluded.price, stock = excluded.stock`,
      sku,
      name,
      price,
      stock,
    ),
});
const pool = new pg.Pool({ connectionString, max: Number(connections) });
const store = getPostgreSQLEventStore(connectionString, { projections: projections.inline([products]), connectionOptions: { pool } });
const handle = CommandHandler({ initialState: () => ({ isThere: false }), evolve: () => ({ isThere: true }) });
let sent = 0;

async function addProduct() {
  sent += 1;
  const sku = `b-${run}-${sent}`;
  await handle(store, `product-${sku}`, ({ isThere }) => {
    if (isThere) throw new Error(`${sku} is there.`);
    return { type: 'ProductAdded', data: { sku, name: 'Bench', price: '1.00', stock: 1 } };
  });
}

/** 64 at a time, for so long. Commands a second. */
async function measure(milliseconds: number): Promise<number> {
  const started = performance.now();
  const first = sent;
  const one = async () => {
    while (performance.now() < started + milliseconds) await addProduct();
  };
  await Promise.all(Array.from({ length: 64 }, one));
  return ((sent - first) / (performance.now() - started)) * 1000;
}

// Its tables are made and code is warm before it is measured.
await store.schema.migrate();
await measure(1_000);
const perSecond = await measure(Number(seconds) * 1000);
const { rows } = await pool.query('SELECT count(*)::int AS rows FROM products WHERE starts_with(sku, $1)', [`b-${run}-`]);
if (rows[0].rows !== sent) throw new Error(`${sent} commands left ${rows[0].rows} rows.`);
await store.close();
await pool.end();
console.log(JSON.stringify({ perSecond, sent }));
