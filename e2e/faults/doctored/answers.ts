import { accepted, type Doctored, only, refused, the, timesSent } from './doctoring.ts';

/** What senders were answered, doctored. */
export const answersDoctored: Readonly<Record<string, Doctored>> = {
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
