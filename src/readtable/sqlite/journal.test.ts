import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Decimal } from '#base';
import { journalContract } from '../journal.contract.ts';
import type { JournalEntry } from '../journal.ts';
import { asTested } from '../late.fixture.ts';
import { thing, things } from '../rowstore.contract.ts';
import { sqliteCatalog } from './catalog.ts';
import { sqliteJournal } from './journal.ts';
import { Reader } from './reader.ts';
import { sqliteRows } from './rows.ts';
import { sqliteSnapshots } from './snapshots.ts';
import { testFile } from './testing.ts';

journalContract('SQLite', (tables, positionsMax) => {
  const { writer, openReader, advance, remove, position } = testFile(...tables);
  const snapshots = asTested(sqliteSnapshots(openReader));
  return {
    rows: sqliteRows(),
    journal: sqliteJournal({ positionsMax }),
    snapshots,
    transaction: async (to, work) => {
      writer.exec('BEGIN IMMEDIATE');
      try {
        advance(to - position());
        const done = await work(writer);
        writer.exec('COMMIT');
        return done;
      } catch (fault) {
        writer.exec('ROLLBACK');
        throw fault;
      }
    },
    swap: async (table) => {
      await sqliteCatalog.prepareNext(writer, table);
      await sqliteCatalog.swapNext(writer, table, 'hash', position());
    },
    close: () => {
      snapshots.close();
      remove();
    },
  };
});

const entry = (position: number, key = 'a', before = thing(key)): JournalEntry => ({ table: things, position, key, before });

function file() {
  const opened = testFile(things);
  onTestFinished(opened.remove);
  const number = (sql: string) => Number(opened.writer.prepare(sql).pluck().get());
  return {
    ...opened,
    kept: () => number('SELECT count(*) FROM changes'),
    journaledAfter: () => number('SELECT journaled_after FROM read_tables'),
  };
}

describe('an entry', () => {
  it('is the stored values of the row before, lists within it as they are; of a new row there is next to nothing', () => {
    const { writer } = file();
    const parts = [{ sku: 'x', price: 5 as Decimal, madeAt: new Date(1), spare: true, tags: [{ tag: '"' }] }];
    sqliteJournal().append(writer, 1, [entry(1, 'a', thing('a', { parts })), { ...entry(1, 'b'), before: undefined }]);
    const [changed, made] = writer.prepare<[], string | null>('SELECT before FROM changes ORDER BY key').pluck().all();
    expect(JSON.parse(changed ?? '')).toEqual([
      ...['a', 'Lantern', null, 1, 125_000, null, 1_291_191_960_123, null, 1, null, 'NEW'],
      [{ sku: 'x', price: 5, madeAt: 1, spare: 1, tags: [{ tag: '"' }] }],
    ]);
    expect(made).toBeNull();
  });

  it('is there once a position and row', () => {
    const { writer } = file();
    expect(() => sqliteJournal().append(writer, 1, [entry(1), entry(1)])).toThrow('UNIQUE constraint failed');
  });
});

describe('forgetting', () => {
  it('goes in small steps, also through a position of very many changes', () => {
    const { writer, kept } = file();
    const journal = sqliteJournal({ positionsMax: 1 });
    journal.append(
      writer,
      1,
      Array.from({ length: 1_000 }, (_, i) => entry(1, `row ${i}`)),
    );
    const counts: number[] = [];
    for (let position = 2; position < 24; position++) {
      journal.append(writer, position, [entry(position)]);
      counts.push(kept());
    }
    const steps = counts.slice(1).map((count, i) => (counts[i] ?? 0) + 1 - count);
    expect(Math.max(...steps)).toBe(65);
    expect(counts.at(-1)).toBe(1);
  });

  it('is not done for each position, and never of what is promised', () => {
    const { writer, kept, journaledAfter } = file();
    const journal = sqliteJournal({ positionsMax: 1_000 });
    const seen: number[] = [];
    for (let position = 1; position <= 3_000; position++) {
      journal.append(writer, position, [entry(position)]);
      seen.push(position - journaledAfter(), kept());
    }
    expect(Math.max(...seen)).toBe(1_010);
    expect(Math.min(...seen.slice(2_000))).toBeGreaterThanOrEqual(1_000);
  });

  it('is not taken back where a later program is told to keep more', () => {
    const { writer, openReader, advance } = file();
    advance(9);
    sqliteJournal({ positionsMax: 2 }).append(writer, 8, [entry(8)]);
    sqliteJournal({ positionsMax: 100 }).append(writer, 9, [entry(9)]);
    const reader = new Reader(openReader());
    const reaches = (position: number) => reader.changes(things, { after: { position }, count: 9 }) !== undefined;
    expect([reaches(5), reaches(6)]).toEqual([false, true]);
  });
});

describe('reading', () => {
  const reading = () => {
    const opened = file();
    return { ...opened, reader: new Reader(opened.openReader()) };
  };

  it('promises nothing of a table whose beginning nobody noted', () => {
    const { writer, reader } = reading();
    writer.exec('UPDATE read_tables SET journaled_after = NULL');
    expect(reader.changes(things, { after: { position: 5 }, count: 1 })).toBeUndefined();
  });

  it('looks each row up once at most, and no row that the page itself tells of', () => {
    const { writer, reader, queries } = reading();
    const keys = ['a', 'b'];
    sqliteJournal().append(writer, 9, Array.from({ length: 9 }, (_, i) => keys.map((key) => entry(i + 1, key))).flat());
    const cost = (count: number) => {
      queries.length = 0;
      reader.changes(things, { after: { position: 0 }, count });
      return queries.length;
    };
    // How far the journal reaches back, the page, and then: both rows' next changes, or at the end both rows at once.
    expect([cost(10), cost(17), cost(18), cost(99)]).toEqual([4, 5, 3, 3]);
  });

  it('follows indexes and sorts nothing, nor does forgetting', () => {
    const { writer, openReader } = file();
    const db = openReader();
    const prepared = [vi.spyOn(db, 'prepare'), vi.spyOn(writer, 'prepare')];
    new Reader(db).changes(things, { after: { position: 0 }, count: 1 });
    sqliteJournal().append(writer, 1, []);
    const all = prepared.flatMap(({ mock }) => mock.calls.map(([sql]) => sql)).filter((sql) => /\bchanges\b/.test(sql));
    const plans = [...new Set(all)].flatMap((sql) =>
      writer
        .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll('?', '1')}`)
        .all()
        .map(({ detail }) => detail),
    );
    expect(plans).toEqual([
      'SEARCH changes USING PRIMARY KEY (read_table=?)',
      'SEARCH changes USING PRIMARY KEY (read_table=? AND (position,key)>(?,?))',
      'SEARCH changes USING INDEX changes_key (read_table=? AND <expr>=? AND key=? AND position>?)',
      'SCAN asked VIRTUAL TABLE INDEX 1:',
      'SEARCH next USING PRIMARY KEY (read_table=? AND position=? AND key=?)',
      'CORRELATED SCALAR SUBQUERY 1',
      'SEARCH changes USING COVERING INDEX changes_key (read_table=? AND <expr>=? AND key=? AND position>?)',
      'SEARCH changes USING PRIMARY KEY (read_table=? AND position<?)',
      'SEARCH changes USING PRIMARY KEY (read_table=? AND (position,key)<(?,?))',
    ]);
  });
});
