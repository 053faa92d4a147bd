import { byKey, type Said, type Script } from '../../src/livestream/trail.fixture.ts';
import { type RowChange, type ShopLedger, saidOfEvent, type TableName } from './ledger.ts';

/** A live stream of the shop that clients ask for. */
export interface ShopStream {
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** It is of many rows: a place in it may be amid one event's many. */
  readonly isOfMany: boolean;
  /** How many rows its snapshot has at most. */
  readonly rowsMax: number;
  saidIn(data: Readonly<Record<string, Message>>): Said;
  script(ledger: ShopLedger): Script;
}

/** A message as the server sends it. */
export type Message = Readonly<Record<string, unknown>> & {
  readonly kind?: Said['kind'];
  readonly position: string;
  readonly cause?: { readonly eventId: string; readonly position: string } | null;
};

type Row = RowChange['after'];
type Fits = (row: Row) => boolean;

const rowFields: Readonly<Record<TableName, string>> = {
  orders: 'order { orderId status userId username total version }',
  products: 'product { sku name price stock unitsSold version }',
  dailySales: 'dailySales { day orders units revenue }',
};
const keys = { orders: 'orderId', products: 'sku', dailySales: 'day' } as const;
const objects = { orders: 'order', products: 'product', dailySales: 'dailySales' } as const;

/** The log, or its events of some types. */
export function eventsStream(types?: readonly string[]): ShopStream {
  return {
    name: `events ${types ?? ''}`,
    query: 'subscription($after: Position, $types: [String!]) { events(after: $after, types: $types) { position type stream eventId } }',
    variables: types ? { types } : {},
    isOfMany: false,
    rowsMax: 0,
    saidIn: ({ events }) => {
      const { position, type, stream, eventId } = events as Message;
      return { kind: 'EVENT', position: Number(position), key: '', what: { type, stream }, cause: String(eventId) };
    },
    script: (ledger) => ({
      changes: ledger.events.filter(({ type }) => types?.includes(type) ?? true).map(saidOfEvent),
      snapshot: () => [],
      mayBeginAnew: false,
    }),
  };
}

/** One row by its key. */
export function rowStream(table: TableName, key: string): ShopStream {
  const [field, type] = [`${objects[table]}Changed`, table === 'dailySales' ? 'String' : 'ID!'];
  const [parameters, given] = [`$key: ${type}, $after: Position`, `${keys[table]}: $key, after: $after`];
  return {
    ...rows(table, field, parameters, given),
    name: `${field} ${key}`,
    variables: { key },
    isOfMany: false,
    rowsMax: 1,
    script: (ledger) => script(ledger, table, () => true, key),
  };
}

/** All rows that fit, with so many of them at first. */
export function rowsStream(table: TableName, rowsMax: number, filter?: object, fits: Fits = () => true): ShopStream {
  const field = `${table}Changed`;
  const keyType = table === 'dailySales' ? 'String' : 'ID';
  const parameters = `$after: Position, $afterKey: ${keyType}, $snapshot: Int${filter ? ', $filter: OrderFilter' : ''}`;
  const given = `after: $after, afterKey: $afterKey, snapshot: $snapshot${filter ? ', filter: $filter' : ''}`;
  return {
    ...rows(table, field, parameters, given),
    name: `${field} ${JSON.stringify(filter ?? {})} ${rowsMax}`,
    variables: { snapshot: rowsMax, ...(filter && { filter }) },
    isOfMany: true,
    rowsMax,
    script: (ledger) => script(ledger, table, fits),
  };
}

function rows(table: TableName, field: string, parameters: string, given: string): Pick<ShopStream, 'query' | 'saidIn'> {
  const [key, object] = [keys[table], objects[table]];
  return {
    query: `subscription(${parameters}) { ${field}(${given}) { kind position ${key} ${rowFields[table]} cause { eventId position } } }`,
    saidIn: (data) => {
      const message = data[field] as Message;
      const { kind = 'EVENT', position, cause } = message;
      const causeId = cause && (cause.position === position ? cause.eventId : 'another');
      return { kind, position: Number(position), key: String(message[key]), what: message[object], cause: causeId ?? undefined };
    },
  };
}

function script(ledger: ShopLedger, table: TableName, fits: Fits, key?: string): Script {
  const isWanted = (change: RowChange) => key === undefined || change.key === key;
  return {
    mayBeginAnew: true,
    changes: ledger
      .changes(table)
      .filter(isWanted)
      .flatMap(({ position, key: of, before, after, cause }): Said[] => {
        if (fits(after)) return [{ kind: 'CHANGED', position, key: of, what: after, cause }];
        return before && fits(before) ? [{ kind: 'REMOVED', position, key: of, what: null, cause }] : [];
      }),
    snapshot: (position, rowsMax) => {
      if (rowsMax === 0) return [];
      const all = ledger.rowsAt(table, position);
      const fitting = [...all].flatMap(([of, row]) => (fits(row) ? [of] : []));
      const shown = key === undefined ? fitting.sort(byKey).slice(0, rowsMax) : [key];
      return shown.map((of) => ({ kind: 'SNAPSHOT', position, key: of, what: all.get(of) ?? null, cause: undefined }));
    },
  };
}
