import type { Position } from '#base';
import type { StoredEvent } from '#eventstore';
import type { Condition } from '#readtable';
import type { EventsWanted, RowsWanted } from './interests.ts';
import { byKey, type Said, type Script } from './trail.fixture.ts';

/** Rows, by table and key, written by the plainest means: what the projections of wallets are held against. */
type Row = Readonly<Record<string, string | number>>;
type Rows = ReadonlyMap<string, Row>;
interface Tables {
  readonly wallets: Rows;
  readonly colours: Rows;
}

const idOf = ({ stream }: StoredEvent) => stream.slice('wallet-'.length);

/** What one event makes of all rows; a row that it touches is a new object, whatever it says. */
function applied({ wallets, colours }: Tables, event: StoredEvent): Tables {
  const data = JSON.parse(event.data);
  const [nextWallets, nextColours] = [new Map(wallets), new Map(colours)];
  const grow = (colour: string, from: Row | undefined) =>
    nextColours.set(colour, { colour, coins: from?.['coins'] ?? 0, wallets: Number(from?.['wallets'] ?? 0) + 1 });
  const give = (rows: Map<string, Row>, key: string, coins: number) => {
    const row = rows.get(key);
    if (row) rows.set(key, { ...row, coins: Number(row['coins']) + coins });
  };
  if (event.type === 'Opened') {
    nextWallets.set(idOf(event), { walletId: idOf(event), colour: data.colour, coins: 0 });
    grow(data.colour, colours.get(data.colour));
  } else if (event.type === 'Paid') {
    give(nextWallets, idOf(event), data.coins);
    give(nextColours, data.colour, data.coins);
  } else {
    for (const [key, row] of wallets) if (row['colour'] === data.from) nextWallets.set(key, { ...row, colour: data.to });
    nextColours.delete(data.from);
    grow(data.to, nextColours.get(data.to));
  }
  return { wallets: nextWallets, colours: nextColours };
}

/** A log, and how all rows stood after each of its events. */
export class Ledger {
  readonly #events: readonly StoredEvent[];
  /** By position; the first is how it was before everything. */
  readonly #states: Tables[] = [{ wallets: new Map(), colours: new Map() }];

  constructor(events: readonly StoredEvent[]) {
    this.#events = events;
    for (const event of events) this.#states.push(applied(this.#at(event.position - 1), event));
  }

  /** What a stream of events has to say. */
  ofEvents({ types, stream }: EventsWanted): Script {
    const wanted = this.#events.filter((event) => (!types || types.includes(event.type)) && (stream ?? event.stream) === event.stream);
    return {
      changes: wanted.map(({ position, type, data, eventId }) => ({
        kind: 'EVENT',
        position,
        key: '',
        what: { type, data: JSON.parse(data) },
        cause: eventId,
      })),
      snapshot: () => [],
      mayBeginAnew: false,
    };
  }

  /** What a stream of rows has to say. */
  ofRows(wanted: RowsWanted): Script {
    return {
      changes: this.#events.flatMap((event) => this.#changesBy(event, wanted)),
      snapshot: (position, rowsMax) => this.#snapshot(position, rowsMax, wanted),
      mayBeginAnew: true,
    };
  }

  #at(position: Position): Tables {
    const tables = this.#states[position];
    if (!tables) throw new Error(`The log has not been at ${position}.`);
    return tables;
  }

  #rows({ table }: RowsWanted, position: Position): Rows {
    return table.name === 'wallets' ? this.#at(position).wallets : this.#at(position).colours;
  }

  #changesBy({ position, eventId: cause }: StoredEvent, wanted: RowsWanted): Said[] {
    const [before, after] = [this.#rows(wanted, position - 1), this.#rows(wanted, position)];
    const keys = wanted.key === undefined ? [...new Set([...before.keys(), ...after.keys()])].sort(byKey) : [wanted.key];
    return keys.flatMap((key): Said[] => {
      const [was, is] = [before.get(key), after.get(key)];
      if (was === is) return [];
      if (is && fits(is, wanted)) return [{ kind: 'CHANGED', position, key, what: is, cause }];
      return was && fits(was, wanted) ? [{ kind: 'REMOVED', position, key, what: null, cause }] : [];
    });
  }

  #snapshot(position: Position, rowsMax: number, wanted: RowsWanted): Said[] {
    const rows = this.#rows(wanted, position);
    const fitting = [...rows.keys()].filter((key) => fits(rows.get(key) ?? {}, wanted)).sort(byKey);
    const keys = wanted.key === undefined ? fitting.slice(0, rowsMax) : [wanted.key];
    return keys.map((key) => ({ kind: 'SNAPSHOT', position, key, what: rows.get(key) ?? null, cause: undefined }));
  }
}

const fits = (row: Row, { conditions }: RowsWanted) => conditions.every((condition) => holds(row, condition));

function holds(row: Row, condition: Condition): boolean {
  if (condition.is === 'contains') throw new Error('Nobody asks for it here.');
  const value = row[condition.column];
  if (condition.is === 'equal') return value === condition.value;
  if (condition.is === 'in') return condition.value.some((one) => one === value);
  return condition.is === 'atLeast' ? Number(value) >= Number(condition.value) : Number(value) < Number(condition.value);
}
