import type { Clock, NewId } from '#base';
import type { Command } from '#decider';
import { type AnyCatalogue, type EventCodec, eventCodec } from '#event';
import { type EventStore, type MemoryConnection, openMemoryStore } from '#eventstore';
import type { Projection, RowsBounds } from '#projector';
import { type MemoryJournal, type MemoryRows, memoryJournal, memoryRows, memorySnapshots, type Snapshots } from '#readtable';
import { type Dispatcher, dispatcher, type OnCommit } from './dispatcher.ts';
import type { StatesBounds } from './states.ts';

/** The part of an application that a writer needs. */
export interface Domain {
  readonly commands: readonly Command[];
  readonly projections: readonly Projection[];
  readonly reactions?: readonly { readonly catalogues: readonly AnyCatalogue[] }[];
}

/** What a test or simulation may set. */
export interface MemoryOptions {
  readonly clock?: Clock;
  readonly newId?: NewId;
  readonly onCommit?: OnCommit;
  readonly onFault?: (fault: unknown) => void;
  /** How many positions the journal of row changes reaches back; left out: `limits.journalPositionsMax`. */
  readonly journalPositionsMax?: number;
  readonly caches?: StatesBounds & RowsBounds;
}

/** A dispatcher on a log and read tables that are kept in memory. */
export interface MemoryEngine extends Dispatcher {
  readonly log: EventStore<MemoryConnection>;
  readonly rows: MemoryRows;
  readonly journal: MemoryJournal;
  readonly snapshots: Snapshots;
  readonly codec: EventCodec;
}

/** The codec of all events that a domain's deciders, projections and reactions know. */
export function codecOf({ commands, projections, reactions = [] }: Domain): EventCodec {
  const deciding = commands.map(({ decider }) => decider.catalogue);
  return eventCodec([...deciding, ...[...projections, ...reactions].flatMap(({ catalogues }) => catalogues)]);
}

/** Opens a domain in memory: for tests, simulations and trying things out. Nothing outlives the process. */
export function openMemoryEngine(domain: Domain, options: MemoryOptions = {}): MemoryEngine {
  const log = openMemoryStore();
  const rows = memoryRows();
  const journal = memoryJournal({ positionsMax: options.journalPositionsMax });
  const codec = codecOf(domain);
  const writer = dispatcher({ log, rows, journal, codec, projections: domain.projections, ...options });
  const snapshots = memorySnapshots({ rows, journal, position: () => log.position() });
  return { send: (...sent) => writer.send(...sent), close: () => writer.close(), log, rows, journal, snapshots, codec };
}
