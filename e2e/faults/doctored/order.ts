import { accepted, aRead, type Doctored, eventsOf, only, rewritten, the } from './doctoring.ts';

/** The order of things, doctored. */
export const orderDoctored: Readonly<Record<string, Doctored>> = {
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
  'somebody reads less than the reader of a stream was told': {
    finds: 'READ_STALE',
    doctor: ({ history, stored }) => {
      const position = stored.events.length - 1;
      history.reads.push({ session: 'new', sentAt: 3, answeredAt: 4, position, atLeast: 0, rows: [] });
      only(history.heard).seen = [{ at: 2, position: position + 1 }];
      return `new read position ${position}`;
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
