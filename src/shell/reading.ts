import { type EventReader, openPostgresReader, openPostgresReplica, openSqliteReader, type PostgresReader } from '#eventstore';
import type { Hub } from '#livestream';
import { hashesOf, type Projection } from '#projector';
import { openPostgresSnapshots, openSqliteSnapshots, replicaSnapshots, type Snapshots } from '#readtable';
import { type DatabasePlace, type FolderPlace, logFile, type Place } from './place.ts';
import { lookAt, type Reached } from './reach.ts';

/** The log of an engine, to be read. */
export interface EngineLog extends EventReader {
  /** `sqlite`, `postgres`: what `/health` says. */
  readonly kind: string;
  /** Bytes of the write-ahead log beside the file, where there is one. */
  walBytes?(): number;
  /** Looks at each part of the store, where a network lies between: `store`, what writes there (`writer`), and `readStore` where there is one. */
  readonly parts?: Readonly<Record<string, () => Promise<Reached>>>;
}

/** A log that a writer has opened, and what is read of it. */
interface Reading {
  readonly log: EngineLog;
  openSnapshots(): Promise<Snapshots>;
  close(): Promise<void>;
}

/**
 * Opens what answers read, after the writer has opened the log.
 *
 * @param writer whether the writer could look at the log last
 */
export function openReading(place: Place, hub: Hub, projections: readonly Projection[], writer: () => Reached): Reading {
  return 'folder' in place ? openFolder(place, hub) : openDatabase(place, hub, projections, writer);
}

function openFolder({ folder }: FolderPlace, hub: Hub): Reading {
  const log = openSqliteReader(logFile(folder));
  // A reader may see a commit a moment before it is made known.
  hub.readsAhead(() => log.position());
  return {
    log,
    openSnapshots: () => openSqliteSnapshots(() => log.openReader(), { known: () => hub.position }),
    close: async () => log.close(),
  };
}

function openDatabase(
  { url, log: name, readUrl }: DatabasePlace,
  hub: Hub,
  projections: readonly Projection[],
  writer: () => Reached,
): Reading {
  const hashes = hashesOf(projections);
  const log = openPostgresReader(url, { log: name });
  // Connections of their own: an operation that holds a snapshot reads the log meanwhile.
  const reads = openPostgresReader(url, { log: name });
  const renew = () => {
    for (const reader of [log, reads]) reader.renew();
  };
  let replica: PostgresReader | undefined;
  hub.readsAhead('others write');
  const parts = {
    store: lookAt(() => log.position()),
    writer: async () => writer(),
    ...(readUrl !== undefined && { readStore: lookAt(() => replica?.position()) }),
  };
  return {
    log: { ...log, parts },
    openSnapshots: async () => {
      if (readUrl !== undefined) replica = await openPostgresReplica(readUrl, { log: name, primary: reads.moments });
      // Each begins after it was asked for: what another process has just answered is known there, and not yet here (P4).
      const primary = await openPostgresSnapshots(reads.moments, { hashes, written: { known: () => hub.position, renew } });
      if (!replica) return primary;
      return replicaSnapshots({ replica: await openPostgresSnapshots(replica.moments, { hashes }), primary, known: () => hub.position });
    },
    close: async () => {
      await log.close();
      await reads.close();
      await replica?.close();
    },
  };
}
