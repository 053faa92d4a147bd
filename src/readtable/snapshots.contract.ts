import { describe, expect, it, onTestFinished } from 'vitest';
import { onlyColumn, withoutLists } from './narrow.ts';
import type { SnapshotsOptions } from './pool.ts';
import type { Awaitable } from './port.ts';
import type { Snapshots } from './read.ts';
import { type RowStoreLacks, thing, things } from './rowstore.contract.ts';

/** Snapshots of {@link things}, and ways to see what they do. */
export interface OpenSnapshots {
  readonly snapshots: Snapshots;
  /** Writes and commits examples of these keys. */
  put(...keys: readonly string[]): Promise<void>;
  /** Moves the log's position on. */
  advance(count?: number): Awaitable<void>;
  /** The texts of what was read so far. */
  texts(): readonly string[];
  /** How many transactions were begun so far. */
  begun(): number;
  /** Lets the lists of all rows be none. */
  spoilLists(): Awaitable<void>;
  close(): Awaitable<void>;
}

/** What pooled snapshots keep to. An adapter's test file calls it with a way to open itself. */
export function snapshotsContract(
  name: string,
  opens: (options: SnapshotsOptions) => Awaitable<OpenSnapshots>,
  lacks: RowStoreLacks = {},
): void {
  describe(`${name}, by the contract of snapshots`, () => {
    const open = async (options: SnapshotsOptions = {}) => {
      const opened = await opens(options);
      onTestFinished(opened.close);
      return opened;
    };
    it('sees one moment, however often it is read, and its position', async () => {
      const { snapshots, put, advance } = await open();
      await put('a');
      await advance(3);
      const snapshot = await snapshots.take();
      await put('b');
      await advance();
      expect(snapshot.position).toBe(3);
      expect(await snapshot.row(things, 'a')).toEqual(thing('a'));
      expect(await snapshot.row(things, 'b')).toBeUndefined();
      expect(await snapshot.count(things, [])).toBe(1);
      snapshot.release();
      const later = await snapshots.take();
      expect(later.position).toBe(4);
      expect(await later.rows(things, ['b', 'none', 'a', 'b'])).toEqual([thing('b'), undefined, thing('a'), thing('b')]);
      later.release();
    });

    it('is refused after it was kept for too long, and holds nothing up any more', async () => {
      const { snapshots, put } = await open({ size: 1, holdMs: 200 });
      await put('a');
      const kept = await snapshots.take();
      expect(await kept.row(things, 'a')).toEqual(thing('a'));
      const next = await snapshots.take();
      await expect(read(() => kept.row(things, 'a'))).rejects.toEqual(coded('READ_TOO_LONG', true));
      expect(await next.row(things, 'a')).toEqual(thing('a'));
      kept.release();
      expect(await next.count(things, [])).toBe(1);
      next.release();
    });

    it('stands at 0 where the log is empty', async () => {
      const { snapshots } = await open();
      const snapshot = await snapshots.take();
      expect(snapshot.position).toBe(0);
      expect(await snapshot.rows(things, [])).toEqual([]);
      snapshot.release();
    });

    it('finds rows by any key that a row may have', async () => {
      const { snapshots, put } = await open();
      const keys = ['ü', '\u{1F600}', '"', '\\', "'", '%', '[]', '{}', 'NULL', '1', '01', ...(lacks.nul ? [] : ['a\0b', 'a\0c'])];
      await put(...keys);
      const snapshot = await snapshots.take();
      expect(await snapshot.rows(things, keys)).toEqual(keys.map((key) => thing(key)));
      expect(await Promise.all(keys.map((key) => snapshot.row(things, key)))).toEqual(keys.map((key) => thing(key)));
      expect(await snapshot.rows(things, ['a\0d', 'a'])).toEqual([undefined, undefined]);
      expect(await snapshot.row(things, 'a\0d')).toBeUndefined();
      snapshot.release();
    });

    it('reads no more columns than its definition names, and no list before it is looked at', async () => {
      const { snapshots, put, texts, spoilLists } = await open();
      await put('a');
      const [lean, alone] = [withoutLists(things), onlyColumn(things, 'parts')];
      const snapshot = await snapshots.take();
      const before = texts().length;
      expect(await snapshot.row(alone, 'a')).toEqual({ thingId: 'a', parts: [] });
      expect(Object.keys((await snapshot.row(lean, 'a')) ?? {})).toEqual(Object.keys(things.columns).filter((name) => name !== 'parts'));
      expect(await snapshot.row(things, 'a')).toEqual(thing('a'));
      expect(
        texts()
          .slice(before)
          .map((query) => query.includes('"parts"')),
      ).toEqual([true, false, true]);
      snapshot.release();
      await spoilLists();
      const later = await snapshots.take();
      const row = await later.row(things, 'a');
      later.release();
      expect(row).toMatchObject({ thingId: 'a', size: 1 });
      expect(() => row?.['parts']).toThrow(SyntaxError);
      expect(withoutLists(lean)).toBe(lean);
    });

    it('is released once, and not read afterwards', async () => {
      const { snapshots } = await open({ size: 1 });
      const snapshot = await snapshots.take();
      snapshot.release();
      const next = await snapshots.take();
      snapshot.release();
      expect(await next.count(things, [])).toBe(0);
      await expect(read(() => snapshot.row(things, 'a'))).rejects.toThrow('after its release');
      next.release();
    });
    it('turns away whom it has no room for', async () => {
      const { snapshots } = await open({ size: 1, waitingMax: 1 });
      const first = await snapshots.take();
      const second = snapshots.take();
      await expect(snapshots.take()).rejects.toEqual(coded('OVERLOADED', true));
      first.release();
      (await second).release();
      (await snapshots.take()).release();
    });

    it('tells whom it keeps waiting too long, and goes on with the others', async () => {
      const { snapshots } = await open({ size: 1, waitMs: 300 });
      const first = await snapshots.take();
      await expect(snapshots.take()).rejects.toEqual(coded('OVERLOADED', true));
      const later = snapshots.take();
      first.release();
      (await later).release();
      (await snapshots.take()).release();
    });

    it('closes: those who wait and come later are told, the snapshots that are out may finish', async () => {
      const { snapshots } = await open({ size: 1 });
      const out = await snapshots.take();
      const waiting = snapshots.take();
      snapshots.close();
      await expect(waiting).rejects.toEqual(coded('SHUTTING_DOWN', true));
      await expect(snapshots.take()).rejects.toEqual(coded('SHUTTING_DOWN', true));
      expect(await out.count(things, [])).toBe(0);
      out.release();
    });
  });
}

const read = async <T>(work: () => Awaitable<T>): Promise<T> => work();

const coded = (code: string, retryable: boolean) => expect.objectContaining({ code, retryable, hint: expect.stringMatching(/\.$/) });
