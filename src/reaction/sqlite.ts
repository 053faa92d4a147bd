import type { Database } from 'better-sqlite3';
import { limits, type Position, type Timers } from '#base';
import type { SqliteStore } from '#eventstore';
import type { ReactionNotes, StoredReactions } from './port.ts';

/** What a log's file holds of reactions. */
export const sqliteReactions: StoredReactions<Database> = {
  positions: (db) => new Map(db.prepare<[], [string, Position]>('SELECT name, position FROM reactions ORDER BY name').raw().all()),
  put: (db, positions) => {
    db.exec('DELETE FROM reactions');
    const insert = db.prepare('INSERT INTO reactions (name, position) VALUES (?, ?)');
    for (const one of positions) insert.run(one);
  },
};

/** A reaction has come so far; never back. */
export function noteReaction(db: Database, name: string, position: Position): void {
  db.prepare('UPDATE reactions SET position = ? WHERE name = ? AND position < ?').run(position, name, position);
}

/** Notes in the log's own file. One process has that, so whoever asks for a lease has it, for as long as the file is open. */
export function sqliteNotes(log: SqliteStore, timers: Timers): ReactionNotes {
  const noting = new Noting(log, timers);
  const reader = log.openReader().prepare<[string], Position>('SELECT position FROM reactions WHERE name = ?').pluck();
  const at = (name: string) => reader.get(name) ?? 0;
  return {
    begin: (name, first) =>
      log.transaction(({ connection }) => {
        connection.prepare('INSERT INTO reactions (name, position) VALUES (?, ?) ON CONFLICT DO NOTHING').run(name, first);
      }),
    take: (name) => ({
      position: at(name),
      keep: async (position) => {
        if (position > at(name)) await noting.note(name, position);
        return at(name);
      },
      release: () => undefined,
    }),
  };
}

/** Those who note at the same time share a transaction, and all together leave most of the time to whoever decides commands: a note holds the log for as long as a sync takes. */
class Noting {
  readonly #log: SqliteStore;
  readonly #timers: Timers;
  #free: Promise<void> = Promise.resolve();
  #next: { readonly notes: Map<string, Position>; readonly written: Promise<void> } | undefined;

  constructor(log: SqliteStore, timers: Timers) {
    this.#log = log;
    this.#timers = timers;
  }

  note(name: string, position: Position): Promise<void> {
    this.#next ??= this.#begin();
    this.#next.notes.set(name, position);
    return this.#next.written;
  }

  #begin() {
    const notes = new Map<string, Position>();
    return { notes, written: this.#free.then(() => this.#write(notes)) };
  }

  async #write(notes: ReadonlyMap<string, Position>): Promise<void> {
    this.#next = undefined;
    const begunMs = performance.now();
    try {
      await this.#log.transaction(({ connection }) => {
        for (const [name, position] of notes) noteReaction(connection, name, position);
      });
    } finally {
      const pauseMs = (performance.now() - begunMs) * (100 / limits.reactionNotesPercentMax - 1);
      this.#free = new Promise((resolve) => void this.#timers.after(pauseMs, resolve));
    }
  }
}
