import { z } from 'zod';
import { application, expose } from '#application';
import { decider, rejection } from '#decider';
import { events, Id } from '#event';
import { projection } from '#projector';
import { id, int, table } from '#readtable';

/** What lamps were told. */
export const lamp = events('lamp', { Switched: z.object({ times: z.int() }) });
const Lamp = decider(lamp)
  .starts(0)
  .evolves({ Switched: (count, { times }) => count + times });

const Stuck = rejection('Stuck', { lampId: Id }, ({ lampId }) => `The lamp ${lampId} is stuck.`);

/** Switches a lamp. 13 breaks the decider, 99 the whole writer; 77 never ends in the decider, 88 in the projection, 66 where the input is read. */
export const switchLamp = Lamp.command('switchLamp', {
  input: z.object({ lampId: Id, times: z.int().refine((times) => times !== 66 || forEver()) }),
  stream: ({ lampId }) => lampId,
  refuses: { Stuck },
  decide: ({ lampId, times }, _, { refuse }) => {
    if (times < 0) return refuse.Stuck({ lampId });
    if (times === 13) throw new Error('the filament broke');
    if (times === 77) forEver();
    if (times === 99) setImmediate(breakWriter);
    return lamp.Switched({ times });
  },
});

/** A loop that an engine cannot see through. */
function forEver(): boolean {
  while (Date.now() > 0);
  return true;
}

function breakWriter(): never {
  throw new Error('the fuse blew');
}

/** How often each lamp was switched. */
export const lamps = table('lamps', { lampId: id(), times: int() }, { key: 'lampId' });
const rows = projection(lamps, [lamp], {
  Switched: ({ id: lampId, data }, row) => {
    if (data.times === 88) forEver();
    return row(lampId).upsert({ lampId, times: 0 }, ({ times }) => ({ lampId, times: times + data.times }));
  },
});

/** Lamps, for the tests of a writer in a thread of its own, which imports them from here. */
export const house = application({
  name: 'house',
  module: import.meta.url,
  commands: [switchLamp],
  shows: [expose(rows, { type: 'Lamp', aggregate: Lamp, one: { lamp: { by: 'lampId' } }, live: true })],
});

/** The same, by a name that its module does not export. */
export const unexported = (): ReturnType<typeof application> => ({ ...house, name: 'annexe' });
