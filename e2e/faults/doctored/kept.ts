import { type Doctored, only, restate, rewritten, the } from './doctoring.ts';

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

/** Read tables, and the shop's own rules, doctored. */
export const keptDoctored: Readonly<Record<string, Doctored>> = { ...rows, ...rules };
