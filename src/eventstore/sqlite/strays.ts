import type Database from 'better-sqlite3';
import type { Position } from '#base';
import { beforeFirst, type LogFinding, reactionAhead, receiptAstray, tagAstray, versionGap } from '../finding.ts';
import { missingEvents } from './content.ts';

/** What is wrong across events up to the last: versions, and tags, receipts and reactions that belong to none. A walk over each table, in SQL. */
export function* strays(db: Database.Database, last: Position): Generator<LogFinding> {
  yield* beforeTheFirst(db);
  yield* versions(db);
  yield* tags(db, last);
  yield* receipts(db, last);
  yield* reactions(db, last);
}

function* beforeTheFirst(db: Database.Database): Generator<LogFinding> {
  const found = db.prepare<[], Position>('SELECT position FROM events WHERE position < 1').pluck();
  for (const position of found.iterate()) yield beforeFirst(position);
}

/** In the order of the index by stream: nothing is sorted. */
function* versions(db: Database.Database): Generator<LogFinding> {
  const found = db.prepare<[], Parameters<typeof versionGap>>(
    `SELECT stream, version, position, before FROM
       (SELECT stream, version, position, lag(version, 1, 0) OVER one AS before, lag(position, 1, 0) OVER one AS earlier
        FROM events WINDOW one AS (PARTITION BY stream ORDER BY version))
     WHERE version <> before + 1 OR position <= earlier`,
  );
  for (const gap of found.raw().iterate()) yield versionGap(...gap);
}

/** Where no position is missing, those of tags need not be looked up one by one. */
function* tags(db: Database.Database, last: Position): Generator<LogFinding> {
  const isAstray = missingEvents(db)
    ? 'NOT EXISTS (SELECT 1 FROM events WHERE events.position = event_tags.position)'
    : 'position NOT BETWEEN 1 AND @last';
  const found = db.prepare<{ last: Position }, { tag: string; position: Position }>(
    `SELECT tag, position FROM event_tags WHERE ${isAstray}`,
  );
  for (const { tag, position } of found.iterate({ last })) yield tagAstray(tag, position);
}

/** What a receipt answers is a stream's version: 0 where the command left no event in a stream that had none. */
function* receipts(db: Database.Database, last: Position): Generator<LogFinding> {
  const found = db.prepare<{ last: Position }, { commandId: string; position: Position; isAhead: 0 | 1 }>(
    `SELECT command_id AS commandId, receipts.position, receipts.position NOT BETWEEN 0 AND @last AS isAhead FROM
       (SELECT command_id, position, CASE WHEN json_valid(outcome) THEN outcome ELSE '{}' END AS outcome FROM commands) AS receipts
     LEFT JOIN events ON events.stream = outcome ->> '$.stream' AND events.version = outcome ->> '$.version'
     WHERE isAhead OR (outcome ->> '$.version' IS NOT 0 AND (events.position IS NULL OR events.position > receipts.position))`,
  );
  for (const { commandId, position, isAhead } of found.iterate({ last })) yield receiptAstray(commandId, position, last, isAhead === 1);
}

function* reactions(db: Database.Database, last: Position): Generator<LogFinding> {
  const found = db.prepare<[Position], [string, Position]>('SELECT name, position FROM reactions WHERE position NOT BETWEEN 0 AND ?').raw();
  for (const [name, position] of found.iterate(last)) yield reactionAhead(name, position, last);
}
