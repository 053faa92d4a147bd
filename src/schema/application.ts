import type { Command } from '#decider';
import type { Projection } from '#projector';
import type { Exposure } from './expose.ts';

/** A whole: what can be wished for, what is kept, what can be asked. */
export interface Application {
  /** Shown in the log and in GraphiQL's title. */
  readonly name: string;
  readonly commands: readonly Command[];
  /** All projections, exposed or not. */
  readonly projections: readonly Projection[];
  readonly exposures: readonly Exposure[];
  /** GraphQL operations for GraphiQL's first tab. */
  readonly playground: string;
}

/** Declares an application: give its commands and what its API shows; `hidden` projections are kept but not shown. */
export function application(parts: {
  readonly name: string;
  readonly commands: readonly Command[];
  readonly shows: readonly Exposure[];
  readonly hidden?: readonly Projection[];
  readonly playground?: string;
}): Application {
  const { name, commands, shows, hidden = [], playground = '{ position }' } = parts;
  return { name, commands, exposures: shows, projections: [...shows.map(({ projection }) => projection), ...hidden], playground };
}
