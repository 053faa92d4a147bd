import { z } from 'zod';
import { application } from '#application';
import { decider } from '#decider';
import { events, Id } from '#event';
import { ignore, projection } from '#projector';
import { id, int, table, text } from '#readtable';

// One program in two versions. In both, keys are cut; in the newer one a door's paint has coats, and a door can be locked.

const key = events('key', { KeyCut: z.object({}) });
const Key = decider(key)
  .starts({})
  .evolves({ KeyCut: (state) => state });
/** The same in both versions. */
export const cutKey = Key.command('cutKey', {
  input: z.object({ keyId: Id }),
  stream: ({ keyId }) => keyId,
  decide: () => key.KeyCut({}),
});
/** The same in both versions. */
export const keys = table('keys', { keyId: id() }, { key: 'keyId' });
const keyRows = projection(keys, [key], { KeyCut: ({ id: keyId }, row) => row(keyId).put({ keyId }) });

const oldDoor = events('door', { Painted: z.object({ colour: z.string() }) });
const OldDoor = decider(oldDoor)
  .starts({})
  .evolves({ Painted: (state) => state });
/** As the older version paints. */
export const paint = OldDoor.command('paint', {
  input: z.object({ doorId: Id, colour: z.string() }),
  stream: ({ doorId }) => doorId,
  decide: ({ colour }) => oldDoor.Painted({ colour }),
});
/** As the older version shows them. */
export const oldDoors = table('doors', { doorId: id(), colour: text() }, { key: 'doorId' });
/** Only the older version has it. */
export const colours = table('colours', { colour: id() }, { key: 'colour' });
const oldRows = [
  projection(oldDoors, [oldDoor], { Painted: ({ id: doorId, data: { colour } }, row) => row(doorId).put({ doorId, colour }) }),
  projection(colours, [oldDoor], { Painted: ({ data: { colour } }, row) => row(colour).put({ colour }) }),
];

const newDoor = events(
  'door',
  { Painted: z.object({ colour: z.string(), coats: z.int() }), Locked: z.object({}) },
  { upcasters: { Painted: [(data) => ({ ...data, coats: 1 })] } },
);
const NewDoor = decider(newDoor)
  .starts({})
  .evolves({ Painted: (state) => state, Locked: (state) => state });
/** As the newer version paints. */
export const paintCoats = NewDoor.command('paint', {
  input: z.object({ doorId: Id, colour: z.string(), coats: z.int() }),
  stream: ({ doorId }) => doorId,
  decide: ({ colour, coats }) => newDoor.Painted({ colour, coats }),
});
/** Only the newer version knows it. */
export const lock = NewDoor.command('lock', {
  input: z.object({ doorId: Id }),
  stream: ({ doorId }) => doorId,
  decide: () => newDoor.Locked({}),
});
/** As the newer version shows them. */
export const newDoors = table('doors', { doorId: id(), coats: int() }, { key: 'doorId' });
/** Only the newer version has it. */
export const locked = table('locked', { doorId: id() }, { key: 'doorId' });
const newRows = [
  projection(newDoors, [newDoor], {
    Painted: ({ id: doorId, data: { coats } }, row) => row(doorId).put({ doorId, coats }),
    Locked: ignore,
  }),
  projection(locked, [newDoor], { Painted: ignore, Locked: ({ id: doorId }, row) => row(doorId).put({ doorId }) }),
];

/** The version that is there first. */
export const older = application({ name: 'doors', commands: [cutKey, paint], shows: [], hidden: [keyRows, ...oldRows] });

/** The version that is deployed then: one read table has changed, one is new, one is gone. */
export const newer = application({ name: 'doors', commands: [cutKey, paintCoats, lock], shows: [], hidden: [keyRows, ...newRows] });
