import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { application, expose } from '#application';
import { limits } from '#base';
import { projection } from '#projector';
import { id, int, table } from '#readtable';
import { bellFile, bells, rung } from './bells.fixture.ts';
import { house, lamp, switchLamp } from './lamps.fixture.ts';
import { type Engine, type OpenOptions, open, openPlace } from './open.ts';
import type { Place } from './place.ts';
import { describePostgres, newPlace } from './postgres.fixture.ts';
import { listReactions } from './reactions.ts';
import { rebuildWished } from './rebuilding.ts';
import { verifyPlace } from './verify.ts';

let folder = '';
let file = '';
let place: Place = { folder };
let engine: Engine | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-reacting-'));
  file = join(folder, 'rung');
  place = { folder };
  vi.stubEnv(bellFile, file);
});
afterEach(async () => {
  await engine?.close();
  engine = undefined;
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function opened(options: OpenOptions = {}, app = bells): Promise<Engine> {
  engine = await openPlace(app, place, options);
  return engine;
}
async function closed(): Promise<void> {
  await engine?.close();
  engine = undefined;
}
const switched = async ({ send }: Engine, ...times: readonly number[]) => {
  for (const one of times) await send(switchLamp, { lampId: 'a', times: one });
};
const positions = () => rung(file).map(({ position }) => position);
const reach = (...expected: readonly number[]) => expect.poll(positions, { timeout: 15_000 }).toEqual(expected);
const standsAt = (position: number) =>
  expect.poll(() => engine?.reactions(), { timeout: 15_000 }).toEqual([{ name: 'bell', position, failing: false }]);

/** What holds wherever the log is. */
const holds = (writer: 'here' | 'thread', newHome: () => Place): void => {
  beforeEach(() => {
    place = newHome();
  });

  test('reactions answer what is committed, once and in order, and go on where they were', async () => {
    const first = await opened({ writer });
    await switched(first, 1, 2, 3);
    await reach(1, 2, 3);
    await standsAt(3);
    expect(rung(file).every(({ thread }) => thread === 0)).toBe(writer === 'here');
    await closed();
    expect(await listReactions(place)).toEqual([{ name: 'bell', position: 3, behind: 0 }]);
    const second = await opened({ writer });
    await switched(second, 4);
    await reach(1, 2, 3, 4);
    expect(new Set(rung(file).map(({ key }) => key)).size).toBe(4);
  });

  test('one that is new to a log tells nobody of its history', async () => {
    await switched(await opened({ writer }, house), 1, 2);
    expect(engine?.reactions()).toEqual([]);
    await closed();
    await switched(await opened({ writer }), 3);
    await reach(3);
  });

  test('one that fails is told of, tried again, and holds up no command', async () => {
    const faults: unknown[] = [];
    const stood: unknown[] = [];
    const onReactionFault = (fault: unknown) => {
      faults.push(fault);
      stood.push(engine.reactions());
    };
    const engine = await opened({ writer, onReactionFault });
    await switched(engine, 30, 1);
    await reach(1, 1, 2);
    await standsAt(2);
    expect(stood).toEqual([[{ name: 'bell', position: 0, failing: true }]]);
    expect(faults).toMatchObject([
      { code: 'REACTION_FAILED', hint: expect.stringContaining('skip bell'), cause: { message: 'the bell cracked' } },
    ]);
  });

  test('an answer that never ends does not keep it from closing, and is given again', async () => {
    await switched(await opened({ writer }), 33);
    await reach(1);
    const begun = performance.now();
    await closed();
    expect(performance.now() - begun).toBeLessThan(4 * limits.reactionStopWaitMs);
    await opened({ writer });
    await reach(1, 1);
    await standsAt(1);
  });
};

describe.each(['here', 'thread'] as const)('of a folder, with the writer %s', (writer) => holds(writer, () => ({ folder })));
for (const writer of ['here', 'thread'] as const)
  describePostgres(`of a database, with the writer ${writer}`, () => holds(writer, newPlace));

test('a commit wakes them: they need not look by themselves', async () => {
  const engine = await opened();
  const begun = performance.now();
  const rounds = Array.from({ length: 10 }, (_, i) => i + 1);
  for (const round of rounds) {
    await switched(engine, 1);
    await reach(...rounds.slice(0, round));
  }
  expect(performance.now() - begun).toBeLessThan((rounds.length / 2) * limits.reactionLookMs);
});

test('an answer that ends its thread costs neither the server nor what comes after it', async () => {
  const faults: unknown[] = [];
  const engine = await opened({ writer: 'thread', onReactionFault: (fault) => faults.push(fault) });
  await switched(engine, 32);
  await expect.poll(() => faults, { timeout: 10_000 }).toHaveLength(1);
  expect(faults).toMatchObject([{ code: 'REACTIONS_BROKEN', message: expect.stringContaining('the bell cracked') }]);
  expect(engine.reactions()).toMatchObject([{ name: 'bell', failing: true }]);
  await switched(engine, 2);
  await standsAt(2);
  expect(positions()).toEqual([1, 1, 2]);
});

test('closed while its thread is down, it does not start it again', async () => {
  const faults: unknown[] = [];
  await switched(await opened({ writer: 'thread', onReactionFault: (fault) => faults.push(fault) }), 32);
  await expect.poll(() => faults, { timeout: 10_000 }).toHaveLength(1);
  await closed();
  await new Promise((resolve) => setTimeout(resolve, 4 * limits.reactionPauseMs));
  expect([positions(), faults.length]).toEqual([[1], 1]);
});

test('what keeps the thread of reactions from starting keeps the folder from being opened, and lets it go', async () => {
  const astray = { ...bells, name: 'belfry' };
  await expect(open({ ...astray, module: bells.module }, folder, { writer: 'thread' })).rejects.toMatchObject({ code: 'BUG' });
  await switched(await opened({ writer: 'thread' }), 1);
  await reach(1);
});

test('no rebuild, of a start or by command, and no verify runs a reaction or moves it', async () => {
  await switched(await opened(), 1, 31);
  await reach(1, 2);
  await closed();
  const [rings, stands] = [positions().length, await listReactions(place)];
  expect(stands).toEqual([{ name: 'bell', position: 1, behind: 1 }]);
  const bar = () => {};
  expect(await rebuildWished(bells, { folder }, { tables: [] }, bar, { check: () => {} })).toMatchObject({ tables: ['lamps'] });
  await rebuildWished(bells, { folder }, { tables: ['lamps'], key: 'a' }, bar, { check: () => {} });
  expect(await verifyPlace(bells, place)).toMatchObject({ ok: true });
  expect([positions().length, await listReactions(place)]).toEqual([rings, stands]);

  const lamps = table('lamps', { lampId: id(), switches: int() }, { key: 'lampId' });
  const rows = projection(lamps, [lamp], {
    Switched: ({ id: lampId }, row) => row(lampId).upsert({ lampId, switches: 0 }, (was) => ({ ...was, switches: was.switches + 1 })),
  });
  const changed = application({ name: 'bells', commands: [switchLamp], shows: [expose(rows, { type: 'Lamp' })] });
  const rebuilt: string[] = [];
  await opened({ onRebuild: (tables) => rebuilt.push(...tables) }, { ...changed, reactions: bells.reactions });
  await reach(1, ...Array.from({ length: rings }, () => 2));
  await closed();
  expect(rebuilt).toEqual(['lamps']);
  expect(await listReactions(place)).toEqual(stands);
});
