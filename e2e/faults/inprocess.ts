import { formatDecimal, type Position, VarveError } from '#base';
import type { Dispatcher } from '#command';
import type { AnyRow, Snapshots, Table } from '#readtable';
import { dailySales, orders, products, shop } from '#shop';
import { nobodyKnows, nothingStored, type ShownRow } from './history.ts';
import type { Look, Outcome, Reach, Recorder } from './recorder.ts';
import { days, skus, type Wish } from './wishes.ts';

/** What a client in the same process reaches the shop by. */
export interface Engine {
  readonly send: Dispatcher['send'];
  readonly snapshots: Pick<Snapshots, 'take'>;
}

/** Reaches the shop without a server: the engine is asked for each time, for it may have been opened again. */
export function reachIn(engine: () => Engine, recorder: Recorder): Reach {
  return {
    send: async (wish, commandId) => {
      try {
        return outcomeOf(wish, await engine().send(commandOf(wish), wish.input, { commandId }));
      } catch (fault) {
        return faultOf(fault, recorder);
      }
    },
    look: async (orderIds) => lookIn(engine().snapshots, orderIds),
  };
}

function commandOf({ command }: Wish) {
  const found = shop.commands.find(({ name }) => name === command);
  if (!found) throw new Error(`The shop has no command ${command}.`);
  return found;
}

function outcomeOf({ stream }: Wish, outcome: Awaited<ReturnType<Dispatcher['send']>>): Outcome {
  if (!outcome.accepted) return { is: 'refused', why: outcome.refusal.rejection };
  const { position, replayed, row, id } = outcome;
  const table = [orders, products].find((one) => row && stream === `${one === orders ? 'order' : 'product'}-${id}`);
  return { is: 'accepted', position, replayed, ...(table && row && { shown: { position, rows: [shown(table, id, row)] } }) };
}

/** An error as an outcome; one that nothing explains is noted. */
function faultOf(fault: unknown, recorder: Recorder): Outcome {
  const code = fault instanceof VarveError ? fault.code : String(fault);
  if (nothingStored.has(code)) return { is: 'refused', why: code };
  if (!nobodyKnows.has(code)) recorder.fault(`A command failed: ${code}`);
  return { is: 'unknown', why: code };
}

async function lookIn(snapshots: Pick<Snapshots, 'take'>, orderIds: readonly string[]): Promise<Look> {
  const snapshot = await snapshots.take();
  try {
    const rowsOf = async (table: Table, keys: readonly string[]) =>
      (await snapshot.rows(table, keys)).map((row, i) => shown(table, keys[i] ?? '', row));
    const rows = [...(await rowsOf(products, skus)), ...(await rowsOf(dailySales, days)), ...(await rowsOf(orders, orderIds))];
    return { position: snapshot.position as Position, rows };
  } finally {
    snapshot.release();
  }
}

/** The columns that a client asks for, by table. */
const columns: Readonly<Record<string, readonly string[]>> = {
  orders: ['orderId', 'status', 'userId', 'username', 'total', 'version'],
  products: ['sku', 'name', 'price', 'stock', 'unitsSold', 'version'],
  dailySales: ['day', 'orders', 'units', 'revenue'],
};
const tableNames = new Map<Table, string>([
  [orders, 'orders'],
  [products, 'products'],
  [dailySales, 'dailySales'],
]);
const decimals: ReadonlySet<string> = new Set(['total', 'price', 'revenue']);

/** A row as GraphQL would show it. */
function shown(table: Table, key: string, row: AnyRow | undefined): ShownRow {
  const name = tableNames.get(table) ?? table.name;
  if (!row) return { table: name, key, row: null };
  const fields = (columns[name] ?? []).map((column) => {
    const value = row[column];
    return [column, decimals.has(column) ? formatDecimal(value as Parameters<typeof formatDecimal>[0]) : value];
  });
  return { table: name, key, row: Object.fromEntries(fields) };
}
