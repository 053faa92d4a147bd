import { accepted, type Doctored, only, receiptOf, restate, rewritten } from './doctoring.ts';

/** What commands left, doctored. */
export const commandsDoctored: Readonly<Record<string, Doctored>> = {
  'an acknowledged event was dropped, and the rest of the log written anew': {
    finds: 'ACKNOWLEDGED_LOST',
    doctor: async (run) => {
      const { sending, event } = accepted(run);
      run.stored.events = await rewritten(run.stored.events.filter((one) => one !== event));
      return `${sending.commandId} was accepted`;
    },
  },
  'an acknowledged event was dropped with its receipt': {
    finds: 'RECEIPT_MISSING',
    doctor: async (run) => {
      const { sending, event } = accepted(run);
      run.stored.events = await rewritten(run.stored.events.filter((one) => one !== event));
      run.stored.receipts = run.stored.receipts.filter(({ commandId }) => commandId !== sending.commandId);
      return sending.commandId;
    },
  },
  'a command took effect twice': {
    finds: 'COMMAND_TWICE',
    doctor: async (run) => {
      const { sending, event } = accepted(run);
      run.stored.events = await rewritten([...run.stored.events, { ...structuredClone(event), eventId: 'again' }]);
      return `${sending.commandId} leaves 1 events; there are 2`;
    },
  },
  'a command left only a part of its events': {
    finds: 'COMMAND_TORN',
    doctor: (run) => {
      const { sending } = accepted(run);
      sending.leaves.push({ type: 'OrderPaid', data: {} });
      return `${sending.commandId} leaves 2 events; there are only 1`;
    },
  },
  'an event stands in the stream of another': {
    finds: 'COMMAND_SPLIT',
    doctor: async (run) => {
      const { sending, event } = accepted(run);
      event.stream = 'product-another';
      run.stored.events = await rewritten(run.stored.events);
      return `The events of ${sending.commandId} do not stand together`;
    },
  },
  'an event says something else than was sent': {
    finds: 'EVENT_NOT_AS_SENT',
    doctor: async (run) => {
      const { sending, event } = accepted(run, ({ leaves }) => leaves[0]?.type === 'ProductRestocked');
      restate(event, { quantity: 999 });
      run.stored.events = await rewritten(run.stored.events);
      return `has another quantity than ${sending.commandId} wished for`;
    },
  },
  'an event is of another type than was sent': {
    finds: 'EVENT_NOT_AS_SENT',
    doctor: (run) => {
      const { sending, event } = accepted(run, ({ leaves }) => leaves[0]?.type === 'OrderPaid');
      event.type = 'OrderShipped';
      return `has another type than ${sending.commandId} wished for`;
    },
  },
  'there is an event that nobody wished for': {
    finds: 'UNASKED',
    doctor: async (run) => {
      const event = structuredClone(only(run.stored.events));
      event.metadata.commandId = 'nobody';
      run.stored.events = await rewritten([...run.stored.events, { ...event, eventId: 'nobody' }]);
      return 'Nobody sent the command nobody';
    },
  },
  'there is a receipt that nobody has': {
    finds: 'UNASKED',
    doctor: ({ stored }) => {
      stored.receipts.push({ ...only(stored.receipts), commandId: 'nobody' });
      return 'Nobody sent the command nobody';
    },
  },
  'a receipt is gone': {
    finds: 'RECEIPT_MISSING',
    doctor: (run) => {
      const { sending } = accepted(run);
      run.stored.receipts = run.stored.receipts.filter(({ commandId }) => commandId !== sending.commandId);
      return `${sending.commandId} took effect and has no receipt`;
    },
  },
  'a receipt names another position': {
    finds: 'RECEIPT_WRONG',
    doctor: (run) => {
      const { sending } = accepted(run);
      receiptOf(run, sending.commandId).position += 1;
      return sending.commandId;
    },
  },
  'a receipt names another version': {
    finds: 'RECEIPT_WRONG',
    doctor: (run) => {
      const { sending } = accepted(run);
      receiptOf(run, sending.commandId).outcome = JSON.stringify({ stream: sending.stream, version: 99 });
      return sending.commandId;
    },
  },
  'an unknown command has a receipt, and no events': {
    finds: 'RECEIPT_WITHOUT_EVENTS',
    doctor: async (run) => {
      const { sending, event } = accepted(run);
      sending.answer = { is: 'unknown', why: 'a cut' };
      run.stored.events = await rewritten(run.stored.events.filter((one) => one !== event));
      return `${sending.commandId} has a receipt`;
    },
  },
  'an unknown command has events, and no receipt': {
    finds: 'RECEIPT_MISSING',
    doctor: (run) => {
      const { sending } = accepted(run);
      sending.answer = { is: 'unknown', why: 'a cut' };
      run.stored.receipts = run.stored.receipts.filter(({ commandId }) => commandId !== sending.commandId);
      return sending.commandId;
    },
  },
};
