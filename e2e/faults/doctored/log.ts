import { type Doctored, only, restate, the } from './doctoring.ts';

/** The log by itself, doctored. */
export const logDoctored: Readonly<Record<string, Doctored>> = {
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
