import { assert } from '#base';
import type { Command } from '#decider';
import type { Projection } from '#projector';
import type { Reaction } from '#reaction';
import type { Table } from '#readtable';
import type { Exposure } from './expose.ts';

/** A whole: what can be wished for, what is kept, what can be asked. */
export interface Application {
  /** Shown in the log and in GraphiQL's title. */
  readonly name: string;
  readonly commands: readonly Command[];
  /** All projections, exposed or not. */
  readonly projections: readonly Projection[];
  readonly exposures: readonly Exposure[];
  readonly reactions: readonly Reaction[];
  /** GraphQL operations for GraphiQL's first tab. */
  readonly playground: string;
  /** The URL of the module that exports it; where it is known, a server decides commands in a thread of their own, which imports it anew. */
  readonly module: string | undefined;
}

const applications = new WeakSet<object>();

/** Declares an application: give its commands and what its API shows; `hidden` projections are kept but not shown, and it `reacts` to what is committed. */
export function application(parts: {
  readonly name: string;
  readonly commands: readonly Command[];
  readonly shows: readonly Exposure[];
  readonly hidden?: readonly Projection[];
  readonly reacts?: readonly Reaction[];
  readonly playground?: string;
  /** `import.meta.url` of the module that exports it. Left out: a server decides commands in its own thread. */
  readonly module?: string;
}): Application {
  const { name, commands, shows, hidden = [], reacts: reactions = [], playground = '{ position }', module } = parts;
  const names = reactions.map((one) => one.name);
  const twice = names.find((one, place) => names.indexOf(one) !== place);
  assert(twice === undefined, `Two reactions are named ${twice}.`, 'The log knows them by their names: give one of them another.');
  const projections = [...shows.map(({ projection }) => projection), ...hidden];
  const made = { name, commands, exposures: shows, projections, reactions, playground, module };
  applications.add(made);
  return made;
}

/** Tells applications from what else a module exports. */
export function isApplication(exported: unknown): exported is Application {
  return typeof exported === 'object' && exported !== null && applications.has(exported);
}

/** The table that shows a command's aggregate, by the command; undefined where none does. */
export function rowOf({ exposures }: Application): (command: Command) => Table | undefined {
  const shown = new Map(exposures.flatMap(({ projection, spec }) => (spec.aggregate ? [[spec.aggregate, projection.table]] : [])));
  return ({ decider }) => shown.get(decider);
}
