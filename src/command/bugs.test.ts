import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { VarveError } from '#base';
import { decider, fold } from '#decider';
import { events, Id } from '#event';
import { projection } from '#projector';
import { id, int, table } from '#readtable';
import { openMemoryEngine } from './memory.ts';
import { openRemoteEngine } from './remote.fixture.ts';

const error = (fields: Readonly<Record<string, unknown>>) => Object.assign(new Error('a bug'), fields);
const circular = new Error('a circle');
circular.cause = circular;
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

/** What code of a domain may throw, though none should. */
const thrown: Readonly<Record<string, unknown>> = {
  error: new Error('a bug'),
  circular,
  'named by a symbol': error({ name: Symbol('name') }),
  'with a function for its message': error({ message: () => 'a bug' }),
  'with a stack that cannot be read': Object.defineProperty(new Error('a bug'), 'stack', {
    get: () => {
      throw new Error('no stack');
    },
  }),
  'what looks like a fault of SQLite': error({ code: 'SQLITE_BUSY' }),
  'what looks like a fault of the store': new VarveError({ code: 'STORAGE_FULL', message: 'full', hint: 'wait', retryable: true }),
  nothing: undefined,
  'no text': Object.create(null),
  revoked,
};

/** Where it may throw. */
const places = ['stream', 'reads', 'select', 'value', 'decide', 'tags', 'evolve', 'project', 'change'] as const;

interface Fuse {
  readonly at: string;
  readonly what: string;
}

/** Throws where the input says so; else it answers. */
function answered<T>(place: string, { at, what }: Fuse, answer: T): T {
  if (at === place) throw thrown[what];
  return answer;
}

const bomb = events(
  'bomb',
  { Set: z.object({ at: z.string(), what: z.string() }) },
  { tags: { Set: (data) => answered('tags', data, []) } },
);
const Bomb = decider(bomb)
  .starts(0)
  .evolves({ Set: (count, data) => answered('evolve', data, count + 1) });
const Bombs = fold('bombs', [bomb])
  .by((key) => answered('select', JSON.parse(key) as Fuse, [key]))
  .starts(0)
  .evolves({});
const input = z.object({ bombId: Id, at: z.string(), what: z.string() });
const set = Bomb.command('set', {
  input,
  stream: (given) => answered('stream', given, given.bombId),
  reads: ({ at, what }) => {
    const all = Bombs.at(JSON.stringify({ at, what }));
    return answered('reads', { at, what }, { all: { ...all, value: () => answered('value', { at, what }, 0) } });
  },
  decide: ({ at, what }) => answered('decide', { at, what }, bomb.Set({ at, what })),
});
const setLater = Bomb.command('setLater', {
  input,
  stream: ({ bombId }) => bombId,
  // The types would not have it.
  decide: (async () => Promise.reject(new Error('too late'))) as never,
});

const bombs = table('bombs', { bombId: id(), count: int() }, { key: 'bombId' });
const bombRows = projection(bombs, [bomb], {
  Set: ({ id: bombId, data }, row) => {
    const change = row(bombId).upsert({ bombId, count: 0 }, (before) => answered('change', data, { ...before, count: before.count + 1 }));
    return answered('project', data, change);
  },
});
const domain = { commands: [set, setLater], projections: [bombRows] };

describe.each([
  ['in its own thread', openMemoryEngine],
  ['across a port', openRemoteEngine],
])('%s', (_, openEngine) => {
  /** Sends a command that fails between two that do not. */
  async function between(command: typeof set, at: string, what: string) {
    const engine = openEngine(domain);
    onTestFinished(() => engine.close());
    const well = (commandId: string) => engine.send(set, { bombId: 'a', at: '', what: '' }, { commandId });
    const [before, broken, after] = await Promise.allSettled([
      well('before'),
      engine.send(command, { bombId: 'a', at, what }, { commandId: 'broken' }),
      well('after'),
    ]);
    expect([before, after]).toMatchObject([{ value: { position: 1 } }, { value: { position: 2 } }]);
    expect(await engine.log.receipt('broken')).toBeUndefined();
    expect(engine.rows.all(bombs)).toEqual([{ bombId: 'a', count: 2 }]);
    const fault: unknown = broken?.status === 'rejected' && broken.reason;
    expect(fault).toBeInstanceOf(VarveError);
    expect(fault).toMatchObject({ code: 'BUG', retryable: false });
    return fault as VarveError;
  }

  describe.each(places)('what %s throws fails its own command alone:', (place) => {
    test.each(Object.keys(thrown))('%s', async (what) => {
      await between(set, place, what);
    });
  });

  test('of commands whose projections fail each fails alone, also where one that does not was decided on their events', async () => {
    const engine = openEngine(domain);
    onTestFinished(() => engine.close());
    const send = (commandId: string, at: string) => engine.send(set, { bombId: 'a', at, what: 'error' }, { commandId });
    const sent = [send('1', ''), send('2', 'project'), send('3', ''), send('4', 'change'), send('5', '')];
    expect(await Promise.allSettled(sent)).toMatchObject([
      { value: { position: 1 } },
      { reason: { code: 'BUG' } },
      { value: { position: 2 } },
      { reason: { code: 'BUG' } },
      { value: { position: 3 } },
    ]);
    expect(engine.rows.all(bombs)).toEqual([{ bombId: 'a', count: 3 }]);
    expect(await engine.log.version('bomb-a')).toBe(3);
  });

  test('a decision that is promised, and then rejects, fails its own command alone', async () => {
    expect((await between(setLater, '', '')).message).toContain('promise');
  });
});
