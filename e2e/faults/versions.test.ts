import { expect, test } from 'vitest';
import { describePostgres, testUrl } from '../../src/eventstore/postgres/postgres.fixture.ts';
import { withClient } from './database.ts';
import { newer } from './editions/shops.ts';
import { Fleet } from './fleet.ts';
import type { Wish } from './wishes.ts';

const script = new URL('editions/serve.ts', import.meta.url).pathname;
const noteWish = (command: string, noteId: string, type: string, data: Readonly<Record<string, unknown>>): Wish => ({
  command,
  input: { noteId, ...data },
  stream: `note-${noteId}`,
  leaves: [{ type, data }],
  mayBeIdle: false,
});

describePostgres('a version of the program that is deployed while another one serves', () => {
  test('takes over under load: nothing that was accepted is lost, nothing is done twice, and live streams go on; the other does not come back', async () => {
    const store = testUrl();
    const versions = ['older', 'older', 'newer'];
    await using fleet = new Fleet({
      ...{ seed: 20261130, store, ways: [store, store, store], writers: 8, application: newer },
      program: (server) => [script, versions[server] ?? ''],
    });
    const send = (server: number, wish: Wish) => fleet.session(wish.command, { only: server }).send(wish, `${wish.stream} ${wish.command}`);
    await fleet.begin([0, 1]);
    await send(1, noteWish('takeNote', 'first', 'NoteTaken', { words: 'old' }));
    await fleet.answered(60, 30_000);

    await fleet.start(2);
    for (const server of [0, 1]) {
      expect(await fleet.ended(server, 60_000), fleet.said(server)).toBe(true);
      expect(fleet.said(server)).toContain('SUPERSEDED');
      expect(await fleet.end(server, 'SIGTERM')).toBe(75);
    }
    await expect(fleet.start(0)).rejects.toThrow('OLDER_VERSION');
    expect(await fleet.accepts(20, 60_000)).toBeDefined();
    await send(2, noteWish('takeNote', 'second', 'NoteTaken', { words: 'new', pages: 3 }));
    await send(2, noteWish('strikeNote', 'second', 'NoteStruck', {}));
    versions[0] = 'newer';
    await fleet.start(0);
    await fleet.answered(60, 30_000);

    const history = await fleet.finish();
    expect(history.sendings.some(({ answer }) => answer.is === 'refused' && answer.why === 'SUPERSEDED')).toBe(true);
    expect((await fleet.check(history)).findings).toEqual([]);
    const rows = (text: string) => withClient(store, async (client) => (await client.query(text)).rows);
    expect(await rows(`SELECT * FROM "${fleet.log}".notes`)).toEqual([{ noteId: 'first', pages: 1 }]);
    expect(await rows(`SELECT name FROM "${fleet.log}".read_tables WHERE name IN ('arrivals', 'struck')`)).toEqual([{ name: 'struck' }]);
  }, 600_000);
});
