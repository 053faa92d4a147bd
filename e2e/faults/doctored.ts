import { accepted, aRead, type Doctored, eventsOf, only, receiptOf, refused, restate, rewritten, the, timesSent } from './doctoring.ts';

const log: Readonly<Record<string, Doctored>> = {
  'an event is gone, and its position with it': {
    finds: 'POSITION_GAP',
    doctor: ({ stored }) => {
      stored.events.splice(6, 1);
      return 'Event 7 of the log has position 8';
    },
  },
  'an event stands at a position twice': {
    finds: 'POSITION_GAP',
    doctor: ({ stored }) => {
      stored.events.splice(6, 0, structuredClone(only(stored.events.slice(6))));
      return 'Event 8 of the log has position 7';
    },
  },
  'a stream skips a version': {
    finds: 'VERSION_GAP',
    doctor: ({ stored }) => {
      const event = the(stored.events, ({ version }) => version === 2);
      event.version = 3;
      return `${event.stream} goes from version 1 to 3`;
    },
  },
  'an event says something else than its hash': {
    finds: 'CHAIN_BROKEN',
    doctor: ({ stored }) => {
      const event = the(stored.events, ({ type }) => type === 'OrderPaid');
      restate(event, { paymentReference: 'another' });
      return `At position ${event.position}:`;
    },
  },
  'an event has the id of another': {
    finds: 'EVENT_TWICE',
    doctor: ({ stored: { events } }) => {
      Object.assign(only(events.slice(9)), { eventId: events[4]?.eventId });
      return `positions 5 and 10 have the id ${events[4]?.eventId}`;
    },
  },
  'the tail was cut off, so well that nothing of it is left': {
    finds: 'SHOWN_VANISHED',
    doctor: ({ stored }) => {
      const gone = stored.events.splice(-5);
      stored.receipts = stored.receipts.filter(({ position }) => position < only(gone).position);
      return `the log ends at ${stored.events.length}`;
    },
  },
};

const commands: Readonly<Record<string, Doctored>> = {
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

const answers: Readonly<Record<string, Doctored>> = {
  'a refused command left an event': {
    finds: 'REFUSED_LEFT',
    doctor: (run) => {
      const { sending, answer } = accepted(run);
      sending.answer = { is: 'refused', at: answer.at, why: 'OutOfStock' };
      return `${sending.commandId} was refused, and left 1 events and a receipt`;
    },
  },
  'a refused command left a receipt': {
    finds: 'REFUSED_LEFT',
    doctor: (run) => {
      const { commandId } = refused(run);
      run.stored.receipts.push({ ...only(run.stored.receipts), commandId });
      return `${commandId} was refused, and left 0 events and a receipt`;
    },
  },
  'an answer names another position': {
    finds: 'ANSWER_WRONG',
    doctor: (run) => {
      const { sending, answer } = accepted(run);
      answer.position += 1;
      return `${sending.commandId} was answered with position ${answer.position}`;
    },
  },
  'a command that was sent once is said to be repeated': {
    finds: 'ANSWER_WRONG',
    doctor: (run) => {
      const { sending, answer } = accepted(run);
      answer.replayed = true;
      return `${sending.commandId} was sent once`;
    },
  },
  'a command that was sent again is answered with another position': {
    finds: 'ANSWERS_DIFFER',
    doctor: (run) => {
      const { sendings } = run.history;
      const again = the(sendings, ({ answer }) => answer.is === 'accepted' && answer.replayed);
      const first = the(sendings, (one) => one.commandId === again.commandId && one !== again && one.answer.is === 'accepted');
      if (first.answer.is === 'accepted') first.answer.position += 1;
      return again.commandId;
    },
  },
  'two sendings of a command are both said to be the first': {
    finds: 'ANSWERS_DIFFER',
    doctor: (run) => {
      const { sending } = accepted(run, (one) => timesSent(run, one) > 1);
      const again = the(
        run.history.sendings,
        (one) => one.commandId === sending.commandId && one !== sending && one.answer.is === 'accepted',
      );
      Object.assign(again.answer, { replayed: false });
      return sending.commandId;
    },
  },
  'one id was accepted with two inputs': {
    finds: 'ANSWERS_DIFFER',
    doctor: (run) => {
      const { sending } = accepted(run);
      const answer = { ...sending.answer, replayed: true };
      run.history.sendings.push({ ...structuredClone(sending), answer, wish: 'another' });
      return sending.commandId;
    },
  },
  'a command that was accepted is refused when it is sent again': {
    finds: 'OUTCOME_CHANGED',
    doctor: (run) => {
      const { sending, answer } = accepted(run);
      const late = answer.at + 0.5;
      run.history.sendings.push({ ...structuredClone(sending), sentAt: late, answer: { is: 'refused', at: late, why: 'OrderExists' } });
      return sending.commandId;
    },
  },
  'somebody was told of a fault': {
    finds: 'FAULT_TOLD',
    doctor: ({ history }) => {
      history.faults.push('INTERNAL: it broke');
      return 'INTERNAL: it broke';
    },
  },
};

const order: Readonly<Record<string, Doctored>> = {
  'two commands that were sent one after the other have changed places': {
    finds: 'ORDER_BROKEN',
    doctor: async (run) => {
      const { events } = run.stored;
      const [early, late] = [accepted(run), accepted(run, ({ sentAt }) => sentAt > accepted(run).answer.at + 100)];
      [events[early.event.position - 1], events[late.event.position - 1]] = [late.event, early.event];
      run.stored.events = await rewritten(events);
      return `${late.sending.commandId} stands at position ${early.answer.position}`;
    },
  },
  'a command stands before what was shown when it was sent': {
    finds: 'ORDER_BROKEN',
    doctor: (run) => {
      const { sending, answer } = accepted(run, ({ commandId }) => eventsOf(run, commandId)[0]?.position === 6);
      sending.sentAt = answer.at + 100;
      answer.at += 101;
      return `${sending.commandId} stands at position 6`;
    },
  },
  'a session reads less than it has read': {
    finds: 'SESSION_WENT_BACK',
    doctor: ({ history }) => {
      const { session, position } = only(history.reads);
      the(history.reads, (one) => one.session === session && one.position > position);
      history.reads.push({ session, sentAt: 1e9, answeredAt: 1e9 + 1, position, atLeast: 0, rows: [] });
      return `and then read ${position}`;
    },
  },
  'somebody reads less than others were shown': {
    finds: 'READ_STALE',
    doctor: ({ history, stored }) => {
      history.reads.push({ session: 'new', sentAt: 1e9, answeredAt: 1e9 + 1, position: stored.events.length - 1, atLeast: 0, rows: [] });
      return `new read position ${stored.events.length - 1}`;
    },
  },
  'a read sees less than it demands': {
    finds: 'READ_BELOW_DEMAND',
    doctor: (run) => {
      const read = aRead(run);
      read.atLeast = read.position + 1;
      return `${read.session} demanded position ${read.atLeast}`;
    },
  },
  'a read names a position that never was': {
    finds: 'SHOWN_VANISHED',
    doctor: (run) => {
      const read = aRead(run);
      read.position = run.stored.events.length + 7;
      return `${read.session} was shown position ${read.position}`;
    },
  },
};

/** A sound run, doctored: of the log itself, of what commands left, of their answers, of the order of things. */
export const doctored: Readonly<Record<string, Doctored>> = { ...log, ...commands, ...answers, ...order };
