import type { Application } from '#application';
import type { Dispatcher } from '#command';
import { Hub } from '#livestream';
import type { Projection } from '#projector';
import { shop } from '#shop';
import type { Mounted } from './disk.ts';
import type { Scheduler } from './scheduler.ts';

/** The parts that are tried: the real ones, or some of them with a fault that has to be found. */
export interface Build {
  readonly Hub: typeof Hub;
  readonly projections: readonly Projection[];
  /** The store as a process has it. */
  store(mounted: Mounted, scheduler: Scheduler): Mounted;
  /** The way in. */
  writer(writer: Dispatcher, store: Mounted): Dispatcher;
}

/** What is run: the bundled shop. */
export const application: Application = shop;

/** The real parts. */
export const realBuild: Build = {
  Hub,
  projections: application.projections,
  store: (mounted) => mounted,
  writer: (writer) => ({ send: (...sent) => writer.send(...sent), close: () => writer.close() }),
};
