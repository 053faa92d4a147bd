import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { VarveError } from '#base';
import { startApi } from './api.ts';
import { house } from './lamps.fixture.ts';
import { type Engine, openPlace } from './open.ts';
import type { Place } from './place.ts';
import { describePostgres, newPlace } from './postgres.fixture.ts';

function newFolder(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'varve-accepted-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return { folder };
}

const overloaded = new VarveError({ code: 'OVERLOADED', message: 'Too much.', hint: 'Ask again in a moment.', retryable: true });

/** A server that stores commands, but no lamp's thirteenth switch, and whose read tables can be read so many times. */
async function startUnread(place: Place, plain: boolean, { readsMax = 0, fault = overloaded as Error } = {}) {
  let reads = 0;
  const engine = await openPlace(house, place, {});
  const take = async () => {
    reads += 1;
    if (reads > readsMax) throw fault;
    return engine.snapshots.take();
  };
  const send: Engine['send'] = async (command, input, options) => {
    if (isThirteenth(input)) throw overloaded;
    return engine.send(command, input, options);
  };
  const server = await startApi(
    house,
    { ...engine, send, snapshots: { take, close: () => {} } },
    { port: 0, host: '127.0.0.1', place, origins: [], plain, commandTimeMaxMs: 0, receiptsDays: undefined },
    pino({ level: 'silent' }),
  );
  onTestFinished(async () => {
    await server.close();
    await engine.close();
  });
  const ask = async (query: string) => {
    const body = JSON.stringify({ query });
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return (await response.json()) as { errors?: readonly { message: string; path: string[]; extensions: object }[] };
  };
  const faults = async (query: string) => (await ask(query)).errors?.map(({ extensions }) => extensions);
  return { engine, ask, faults };
}

const isThirteenth = (input: unknown) => typeof input === 'object' && input !== null && 'times' in input && input.times === 13;

/** A command whose answer cannot be read from what the command left alone. */
const switching = (field: string, commandId?: string) =>
  `${field}: switchLamp(input: { lampId: "a", times: 1 }${commandId === undefined ? '' : `, options: { commandId: "${commandId}" }`}) {
    ... on LampAccepted { lamp { times history(first: 1) { edges { cursor } } } }
  }`;
const refused = 'two: switchLamp(input: { lampId: "a", times: 13 }) { __typename }';

function commandsTakeEffect(newPlaceOf: () => Place): void {
  describe.each([false, true])('plain: %s', (plain) => {
    test('the answer says that the command took effect, and where; not that it may be sent again', async () => {
      const { engine, ask } = await startUnread(newPlaceOf(), plain);
      const answered = await ask(`mutation { ${switching('one')} }`);
      expect(answered).toMatchObject({ data: null, extensions: { position: '1' }, errors: [{ path: ['one', 'lamp'] }] });
      expect(answered.errors?.map(({ extensions }) => extensions)).toEqual([
        { code: 'ACCEPTED_UNREAD', cause: 'OVERLOADED', position: '1', replayed: false, hint: expect.stringContaining('took effect') },
      ]);
      expect(engine.position()).toBe(1);
    });

    test('a fault that is masked stays so', async () => {
      const { ask } = await startUnread(newPlaceOf(), plain, { fault: new Error('secret') });
      const [error] = (await ask(`mutation { ${switching('one')} }`)).errors ?? [];
      expect(error).toMatchObject({
        message: 'Something went wrong on our side.',
        extensions: { code: 'ACCEPTED_UNREAD', cause: 'INTERNAL', correlationId: expect.any(String), position: '1' },
      });
    });

    test('with its id it may be sent again: it takes effect once', async () => {
      const { engine, faults } = await startUnread(newPlaceOf(), plain);
      const accepted = { code: 'ACCEPTED_UNREAD', position: '1', retryable: true };
      expect(await faults(`mutation { ${switching('one', 'c1')} }`)).toMatchObject([{ ...accepted, replayed: false }]);
      expect(await faults(`mutation { ${switching('one', 'c1')} }`)).toMatchObject([{ ...accepted, replayed: true }]);
      expect(engine.position()).toBe(1);
    });

    test('what fails after another one was accepted may be sent again with it only where that has an id', async () => {
      const { faults } = await startUnread(newPlaceOf(), plain, { readsMax: 2 });
      const { code, hint } = overloaded;
      expect(await faults(`mutation { ${switching('one')} ${refused} }`)).toEqual([{ code, hint }]);
      expect(await faults(`mutation { ${switching('one', 'c1')} ${refused} }`)).toEqual([{ code, hint, retryable: true }]);
    });
  });
}

describe('where the row of an accepted command cannot be read, in a data folder', () => commandsTakeEffect(newFolder));
describePostgres('where the row of an accepted command cannot be read, in a database', () => commandsTakeEffect(newPlace));
