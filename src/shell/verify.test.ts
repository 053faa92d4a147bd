import { expect, test } from 'vitest';
import { checkPlace } from './check.ts';
import { house, switchLamp } from './lamps.fixture.ts';
import { openPlace } from './open.ts';
import type { DatabasePlace } from './place.ts';
import { describePostgres, newPlace, tamper } from './postgres.fixture.ts';
import { rebuildWished } from './rebuilding.ts';
import { type Verified, verifyPlace } from './verify.ts';

/** A log of nine switches of three lamps. */
async function filled(): Promise<DatabasePlace> {
  const place = newPlace();
  const { send, close } = await openPlace(house, place, {});
  for (let i = 1; i <= 9; i++) await send(switchLamp, { lampId: `l${i % 3}`, times: i }, { commandId: `c${i}` });
  await close();
  return place;
}

const codesOf = ({ findings }: Verified) =>
  findings.map((one) => [one.code, one.position ?? ('key' in one ? one.key : '')].join(' ').trim());

/** What is found after something was done to a log by hand. */
async function foundAfter(text: string): Promise<readonly string[]> {
  const place = await filled();
  await tamper(place, text);
  return codesOf(await verifyPlace(house, place));
}

describePostgres('a log on PostgreSQL', () => {
  test('that is as it was written is well, and so is an empty one; it only reads', async () => {
    const [place, empty] = [await filled(), newPlace()];
    await (await openPlace(house, empty, {})).close();
    expect(await verifyPlace(house, empty)).toMatchObject({ ok: true, head: { position: 0, hash: null }, findings: [] });
    const steps = new Set<string>();
    const verified = await verifyPlace(house, place, { onProgress: ({ step }) => steps.add(step) });
    expect(verified).toEqual({
      ok: true,
      head: { position: 9, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      tables: [{ name: 'lamps', rows: 3, state: 'equal' }],
      errors: 0,
      warnings: 0,
      counts: {},
      findings: [],
    });
    expect([...steps]).toEqual(['file', 'events', 'rows']);
  });

  test.each<[string, string, readonly string[]]>([
    ['an event is changed', `UPDATE events SET data = '{"times":7}' WHERE position = 4`, ['CHAIN_BROKEN 4', 'ROW_DIFFERS l1']],
    ['an event has another moment', 'UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 4', ['CHAIN_BROKEN 4']],
    [
      'an event has metadata that was never written',
      "UPDATE events SET metadata = '[' WHERE position = 4",
      ['CHAIN_BROKEN 4', 'EVENT_DAMAGED 4'],
    ],
    ['an event is gone', 'DELETE FROM events WHERE position = 5', ['POSITION_GAP 6', 'VERSION_GAP 8', 'RECEIPT_WRONG 5', 'ROW_DIFFERS l2']],
    ['the last event is gone', 'DELETE FROM events WHERE position = 9', ['RECEIPT_AHEAD 9', 'TABLE_AHEAD 9', 'ROW_DIFFERS l0']],
    [
      'versions are in another order than positions',
      'UPDATE events SET version = 9 WHERE position = 3; UPDATE events SET version = 1 WHERE position = 6; UPDATE events SET version = 2 WHERE position = 3',
      ['CHAIN_BROKEN 3', 'CHAIN_BROKEN 6', 'VERSION_GAP 3', 'RECEIPT_WRONG 3'],
    ],
    ['a tag is of no event', "INSERT INTO event_tags VALUES ('x:1', 99)", ['TAG_ASTRAY 99']],
    ['a tag is added', "INSERT INTO event_tags VALUES ('x:1', 2)", ['CHAIN_BROKEN 2', 'TAGS_DIFFER 2']],
    ['a receipt is lost', "DELETE FROM commands WHERE command_id = 'c4'", ['RECEIPT_MISSING 4']],
    ['receipts were forgotten', `DELETE FROM commands WHERE position <= 4; INSERT INTO commands VALUES ('', '', '{"version":0}', 4)`, []],
    ['a receipt says another position', "UPDATE commands SET position = 6 WHERE command_id = 'c4'", ['RECEIPT_WRONG 4']],
    ['a receipt is ahead', "UPDATE commands SET position = 10 WHERE command_id = 'c9'", ['RECEIPT_WRONG 9', 'RECEIPT_AHEAD 10']],
    ['a receipt answers what never was', `UPDATE commands SET outcome = '{"version":1}' WHERE command_id = 'c4'`, ['RECEIPT_WRONG 4']],
    ['a row is changed', `UPDATE lamps SET times = 0 WHERE "lampId" = 'l1'`, ['ROW_DIFFERS l1']],
    ['a row is gone', `DELETE FROM lamps WHERE "lampId" = 'l1'`, ['ROW_MISSING l1']],
    ['a row is nobody’s', `INSERT INTO lamps VALUES ('l9', 1)`, ['ROW_EXTRA l9']],
    ['nobody can write any more', 'DELETE FROM write_lock', ['FILE_DAMAGED']],
    ['a table is gone', 'DROP TABLE lamps', ['TABLE_MISSING']],
    ['a table is of another version', "UPDATE read_tables SET hash = 'x'", ['TABLE_STALE']],
    ['a column is gone', 'ALTER TABLE lamps DROP COLUMN times', ['FILE_DAMAGED']],
    ['a reaction is ahead', "INSERT INTO reactions VALUES ('mail', 9), ('fax', 10)", ['REACTION_AHEAD 10']],
    ['the journal is ahead', "INSERT INTO changes VALUES ('lamps', 99, 'l1', NULL)", ['TABLE_AHEAD 99']],
  ])('where %s says so', async (_, text, found) => expect(await foundAfter(text)).toEqual(found));

  test('begins with what was noted of it, or not', async () => {
    const place = await filled();
    const { head } = await verifyPlace(house, place);
    expect(codesOf(await verifyPlace(house, place, { head }))).toEqual([]);
    expect(codesOf(await verifyPlace(house, place, { head: { ...head, hash: '0'.repeat(64) } }))).toEqual(['HEAD_DIFFERS 9']);
    expect(codesOf(await verifyPlace(house, place, { head: { ...head, position: 10 } }))).toEqual(['HEAD_LOST 10']);
  });

  test('is checked before a deployment, and its tables are rebuilt, whole or a row of them', async () => {
    const place = await filled();
    const [never, silent] = [{ check: () => undefined }, () => undefined];
    await tamper(place, `UPDATE lamps SET times = times + 1`);
    expect(await checkPlace(house, place)).toMatchObject({ ok: false, tables: [{ name: 'lamps', state: 'differs' }] });
    const one = () => rebuildWished(house, place, { tables: ['lamps'], key: 'l1' }, silent, never);
    expect(await one()).toEqual({ position: 9, tables: ['lamps'], changed: true });
    expect(await one()).toMatchObject({ changed: false });
    expect(codesOf(await verifyPlace(house, place))).toEqual(['ROW_DIFFERS l0', 'ROW_DIFFERS l2']);
    expect(await rebuildWished(house, place, { tables: [] }, silent, never)).toEqual({ position: 9, tables: ['lamps'] });
    expect(await verifyPlace(house, place)).toMatchObject({ ok: true, findings: [] });
    await tamper(place, "UPDATE read_tables SET hash = 'x'");
    expect(await checkPlace(house, place)).toMatchObject({
      ok: true,
      tables: [{ name: 'lamps', state: 'rebuilt', total: 3 }],
      rowsToChange: 0,
    });
  });

  test('that is not there is not made by looking', async () => {
    const place = newPlace();
    const told = [() => undefined, { check: () => undefined }] as const;
    for (const look of [
      () => verifyPlace(house, place),
      () => checkPlace(house, place),
      () => rebuildWished(house, place, { tables: [] }, ...told),
    ])
      await expect(look()).rejects.toMatchObject({ code: 'NO_LOG' });
    expect(await tamper(place, `SELECT to_regnamespace('${place.log}')`)).toEqual([[null]]);
  });

  test('is verified while it is written to: what is seen is of one moment', async () => {
    const place = await filled();
    const { send, close } = await openPlace(house, place, {});
    let isOver = false;
    const writing = (async () => {
      for (let i = 10; !isOver; i++) await send(switchLamp, { lampId: `l${i % 3}`, times: i % 7 });
    })();
    for (let i = 0; i < 5; i++) expect(await verifyPlace(house, place)).toMatchObject({ ok: true, findings: [] });
    isOver = true;
    await writing;
    await close();
  });
});
