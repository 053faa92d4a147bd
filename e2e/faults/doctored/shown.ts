import { aRead, type Doctored, only, the, told } from './doctoring.ts';

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

/** What reads and streams showed, doctored. */
export const shownDoctored: Readonly<Record<string, Doctored>> = { ...reads, ...streams };
