import { expect, test } from 'vitest';
import { limits } from '#base';
import { newEvent } from '../events.fixture.ts';
import { describePostgres, logsOfTest } from './postgres.fixture.ts';

describePostgres('text that PostgreSQL cannot store', () => {
  const refused = expect.objectContaining({ code: 'TEXT_NOT_STORABLE', retryable: false });
  const metadata = { commandId: 'c', correlationId: 'a\0', causationId: null, actor: null };

  test.each([
    ['a stream', newEvent('a\0-1')],
    ['a tag', newEvent('a-1', { tags: ['x:1', 'x:\0'] })],
    ['metadata', newEvent('a-1', { metadata })],
    ['a tag that is too long for an index', newEvent('a-1', { tags: [`x:${'é'.repeat(limits.indexedTextBytesMax / 2)}`] })],
  ])('is refused before anything is sent, and harms nothing else of the transaction: %s', async (_, event) => {
    const store = await logsOfTest().open();
    await store.transaction(async (transaction) => {
      await expect((async () => transaction.append([event]))()).rejects.toEqual(refused);
      await transaction.append([newEvent('kept')]);
    });
    expect((await store.read('all')).map(({ stream }) => stream)).toEqual(['kept']);
  });

  test('is refused in a receipt, and where it is asked for', async () => {
    const store = await logsOfTest().open();
    const receipt = { commandId: 'c\0', inputHash: 'h', outcome: '{}', position: 0 };
    await expect(store.transaction((transaction) => transaction.keepReceipt(receipt))).rejects.toEqual(refused);
    await expect(store.read([{ tags: ['\0'] }])).rejects.toEqual(refused);
    await expect(store.version('\0')).rejects.toEqual(refused);
  });

  test('is all that there is: a tag as long as may be comes back, and so does half a pair of surrogates, as UTF-8 has it', async () => {
    const store = await logsOfTest().open();
    const tags = [`x:${randomish(limits.indexedTextBytesMax - 2)}`, '\ud800'];
    await store.append([newEvent('\ud800', { tags, data: '{"a":"\\u0000"}' })]);
    const found = await store.readTagged([{ tags: [tags[0] ?? ''] }, { tags: ['\ud800'] }, { stream: '\ud800' }]);
    expect(found).toMatchObject([{ event: { stream: '\ufffd', data: '{"a":"\\u0000"}' }, tags: [tags[0], '\ufffd'] }]);
  });
});

/** Text that cannot be packed: PostgreSQL packs what is long before it measures it. */
function randomish(length: number): string {
  let seed = 1;
  const next = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (seed % 94));
  };
  return Array.from({ length }, next).join('');
}
