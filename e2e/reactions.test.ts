import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { shop } from '#shop';
import { open } from '#varve';
import { bell, positionsIn, reach, rungIn, startBells } from './bells.ts';
import { databaseFile, withDatabase, writeLittleHistory } from './data-folder.ts';
import { runVarve, temporaryFolder } from './server-process.ts';

vi.setConfig({ testTimeout: 90_000 });

const dataIn = (place: string) => join(place, 'data');
const start = (place: string) => startBells(place, { data: dataIn(place) });

const standing = async (data: string) => JSON.parse((await runVarve('reactions', '--data', data, '--json')).out) as unknown;

test('killed between an answer and its note, a server gives that one answer again, with the same key; what it had not come to is answered then', async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  {
    await using server = await start(path);
    await server.switched(1);
    await reach(path, 1);
    await server.switched(35);
    expect(await server.ended).toEqual([null, 'SIGKILL']);
  }
  expect(positionsIn(path)).toEqual([1, 2]);
  {
    await using server = await start(path);
    await reach(path, 1, 2, 2);
    await server.switched(33);
    await reach(path, 1, 2, 2, 3);
    expect([await server.switched(1), await server.switched(1)]).toMatchObject([{ position: '4' }, { position: '5' }]);
    expect(await server.end('SIGKILL')).toBe('SIGKILL');
  }
  expect(positionsIn(path)).toEqual([1, 2, 2, 3]);
  await using server = await start(path);
  await reach(path, 1, 2, 2, 3, 3, 4, 5);
  await expect.poll(() => server.reactions()).toEqual(bell(5));
  const keys = rungIn(path).map(({ key }) => key);
  expect(new Set(keys).size).toBe(5);
  expect([keys[1], keys[3]]).toEqual([keys[2], keys[4]]);
  expect(await server.end('SIGTERM')).toBe(0);
});

test('an operator sees which reaction fails, where and why, and has it pass over the event beside a running server', async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  await using server = await start(path);
  await server.switched(1);
  await server.switched(31);
  await server.switched(1);
  await reach(path, 1, 2);
  await expect.poll(() => server.reactions()).toEqual(bell(1, 2, true));
  const [said] = server
    .log()
    .trim()
    .split('\n')
    .filter((line) => line.includes('REACTION_FAILED'));
  expect(JSON.parse(said ?? '{}')).toMatchObject({
    level: 50,
    err: {
      code: 'REACTION_FAILED',
      message: expect.stringContaining('position 2'),
      hint: expect.stringContaining('varve reactions skip bell'),
    },
  });
  expect(await standing(dataIn(path))).toEqual({ reactions: [{ name: 'bell', position: 1, behind: 2 }] });

  const skipped = await runVarve('reactions', 'skip', 'bell', '--data', dataIn(path), '--json');
  expect([skipped.code, skipped.err]).toEqual([0, '']);
  expect(JSON.parse(skipped.out)).toMatchObject({ name: 'bell', position: 2, type: 'Switched', stream: 'lamp-a' });
  await expect.poll(() => positionsIn(path).at(-1), { timeout: 30_000 }).toBe(3);
  await expect.poll(() => server.reactions()).toEqual(bell(3));
  expect(await server.end('SIGTERM')).toBe(0);

  const listed = await runVarve('reactions', '--data', dataIn(path));
  expect(listed).toMatchObject({ code: 0, out: 'bell: through with all up to position 3, 0 behind\n' });
  const none = await runVarve('reactions', 'skip', 'bell', '--data', dataIn(path), '--json');
  expect([none.code, JSON.parse(none.err)]).toMatchObject([1, { code: 'NOTHING_TO_SKIP' }]);
  const unknown = await runVarve('reactions', 'skip', 'fax', '--data', dataIn(path));
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('It knows: bell.')]);
});

test('a backup knows how far its reactions had come, an imported log knows none, and nothing else moves them', async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  const [data, restored, imported] = ['data', 'restored', 'imported'].map((name) => join(path, name)) as [string, string, string];
  await writeLittleHistory(data);
  expect(await runVarve('reactions', '--data', data)).toMatchObject({ code: 0, out: 'The log knows no reaction.\n' });
  withDatabase(data, (db) => db.exec("INSERT INTO reactions VALUES ('mail', 2)"));
  for (const words of [['rebuild'], ['verify'], ['check'], ['backup', join(path, 'b.db')], ['export', join(path, 'e.ndjson')]])
    expect(await runVarve(...words, '--data', data), words.join(' ')).toMatchObject({ code: 0 });
  expect(await standing(data)).toEqual({ reactions: [{ name: 'mail', position: 2, behind: 1 }] });
  mkdirSync(restored);
  copyFileSync(join(path, 'b.db'), databaseFile(restored));
  expect(await standing(restored)).toEqual(await standing(data));
  // Nor does one know of them that began where the log was empty: it would answer all that comes.
  await (await open(shop, imported)).close();
  withDatabase(imported, (db) => db.exec("INSERT INTO reactions VALUES ('mail', 0)"));
  expect(await runVarve('import', join(path, 'e.ndjson'), '--data', imported)).toMatchObject({ code: 0 });
  expect(await standing(imported)).toEqual({ reactions: [] });
});

test('the commands for reactions say how they are used, and end with codes for scripts', async () => {
  using folder = temporaryFolder();
  for (const words of [['reactions'], ['reactions', 'skip']]) {
    const help = await runVarve(...words, '--help');
    expect([help.code, help.out]).toEqual([0, expect.stringMatching(/Exit codes: 0 done[\s\S]*Example:\n {2}varve reactions/)]);
  }
  const nowhere = await runVarve('reactions', '--data', join(folder.path, 'nowhere'), '--json');
  expect([nowhere.code, JSON.parse(nowhere.err)]).toMatchObject([1, { code: 'NO_LOG' }]);
  const skipNowhere = await runVarve('reactions', 'skip', 'bell', '--data', join(folder.path, 'nowhere'));
  expect([skipNowhere.code, skipNowhere.err]).toEqual([1, expect.stringContaining('NO_LOG')]);
  expect(await runVarve('reactions', 'skip')).toMatchObject({ code: 2 });
});
