import { aRead, type Doctored, only, restate, rewritten, the, told } from './doctoring.ts';

const reads: Readonly<Record<string, Doctored>> = {
  'a read showed a row as it never was': {
    finds: 'SNAPSHOT_TORN',
    doctor: (run) => {
      const { rows, session } = aRead(run);
      const shown = the(rows, ({ row }) => row !== null);
      shown.row = { ...shown.row, version: 99 };
      return `${session} was shown ${shown.key} of ${shown.table}`;
    },
  },
  'a read showed no row where there was one': {
    finds: 'SNAPSHOT_TORN',
    doctor: (run) => {
      const shown = the(aRead(run).rows, ({ row }) => row !== null);
      shown.row = null;
      return `shown ${shown.key} of ${shown.table}`;
    },
  },
  'a read showed one row as it was later': {
    finds: 'SNAPSHOT_TORN',
    doctor: (run) => {
      const { rows, position } = aRead(run);
      const shown = only(rows);
      const later = the(
        run.history.reads.flatMap((read) => (read.position > position ? read.rows : [])),
        (one) => one.table === shown.table && one.key === shown.key && JSON.stringify(one.row) !== JSON.stringify(shown.row),
      );
      shown.row = later.row;
      return `shown ${shown.key} of ${shown.table} at position ${position}`;
    },
  },
};

const streams: Readonly<Record<string, Doctored>> = {
  'a stream left out a change': { finds: 'STREAM_WRONG', doctor: (run) => void told(run).splice(5, 1) },
  'a stream told a change twice': {
    finds: 'STREAM_WRONG',
    doctor: (run) => void told(run).splice(5, 0, structuredClone(only(told(run).slice(5)))),
  },
  'a stream told two changes in the wrong order': {
    finds: 'STREAM_WRONG',
    doctor: (run) => {
      const [first, second] = told(run).splice(5, 2);
      if (first && second) told(run).splice(5, 0, second, first);
    },
  },
  'a stream said something else than happened': {
    finds: 'STREAM_WRONG',
    doctor: (run) => {
      const one = only(told(run));
      if ('said' in one) one.said.what = { type: 'Another' };
    },
  },
  'a stream told of an event that is not there': {
    finds: 'SHOWN_VANISHED',
    doctor: (run) => {
      const one = only(told(run).slice(3));
      if ('said' in one) one.said.cause = 'gone';
      return 'the event gone';
    },
  },
  'a stream told of a position that is not there': {
    finds: 'SHOWN_VANISHED',
    doctor: (run) => {
      const last = structuredClone(only(told(run).slice(-1)));
      if ('said' in last) last.said.position += 1;
      told(run).push(last);
      return `position ${run.stored.events.length + 1}`;
    },
  },
};

const rows: Readonly<Record<string, Doctored>> = {
  'a row is other than the log gives': {
    finds: 'ROWS_DIFFER',
    doctor: ({ stored }) => {
      const orders = only([stored.rows['orders'] ?? []]);
      orders[1] = orders[1]?.replace('"lines"', '"Lines"') ?? '';
      return 'Row 2 of orders';
    },
  },
  'a row is gone': {
    finds: 'ROWS_DIFFER',
    doctor: ({ stored }) => {
      stored.rows['users']?.pop();
      return 'of users is not there';
    },
  },
  'a row stands there that the log does not give': {
    finds: 'ROWS_DIFFER',
    doctor: ({ stored }) => {
      stored.rows['daily_sales']?.push('{}');
      return 'of daily_sales is {}; the log gives none';
    },
  },
  'a table is gone': {
    finds: 'ROWS_DIFFER',
    doctor: ({ stored }) => {
      delete stored.rows['products'];
      return 'Row 1 of products is not there';
    },
  },
};

const rules: Readonly<Record<string, Doctored>> = {
  'more was sold than there was': {
    finds: 'STOCK_NEGATIVE',
    doctor: async ({ stored }) => {
      const event = the(stored.events, ({ type }) => type === 'OrderPlaced');
      restate(event, { lines: [{ sku: 'heart', quantity: 41 }] });
      stored.events = await rewritten(stored.events);
      return 'of heart at position';
    },
  },
  'two users have a name at once, in another case': {
    finds: 'USERNAME_TAKEN',
    doctor: async ({ stored }) => {
      const [first, second] = stored.events.filter(({ type }) => type === 'UserRegistered');
      if (first && second) restate(second, { username: JSON.parse(first.data).username.toUpperCase() });
      stored.events = await rewritten(stored.events);
      return `${second?.stream} takes the name of ${first?.stream}`;
    },
  },
  'an order was paid twice': {
    finds: 'EVENT_IMPOSSIBLE',
    doctor: async ({ stored }) => {
      const event = the(stored.events, ({ type }) => type === 'OrderPaid');
      stored.events = await rewritten([...stored.events, { ...structuredClone(event), eventId: 'twice' }]);
      return `${event.stream} has OrderPaid after`;
    },
  },
  'an order was shipped before it was placed': {
    finds: 'EVENT_IMPOSSIBLE',
    doctor: async ({ stored }) => {
      const event = the(stored.events, ({ type }) => type === 'OrderShipped');
      stored.events = await rewritten([{ ...structuredClone(event), eventId: 'early' }, ...stored.events]);
      return `${event.stream} has OrderShipped after none`;
    },
  },
  'the log cannot be followed': {
    finds: 'LOG_UNSOUND',
    doctor: ({ stored }) => {
      only(stored.events).data = '{';
      return 'JSON';
    },
  },
};

/** A sound run, doctored: of what reads and streams showed, of read tables, of the shop's own rules. */
export const doctoredShown: Readonly<Record<string, Doctored>> = { ...reads, ...streams, ...rows, ...rules };
