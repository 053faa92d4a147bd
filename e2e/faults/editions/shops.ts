/** The shop in two versions of the program. In both, notes are taken; in the newer one a note has pages, and can be struck out. */
import { z } from 'zod';
import { product, shop } from '#shop';
import { type Application, application, decider, events, expose, Id, id, ignore, int, projection, table, text } from '#varve';

const oldNote = events('note', { NoteTaken: z.object({ words: z.string() }) });
const OldNote = decider(oldNote)
  .starts({})
  .evolves({ NoteTaken: (state) => state });
const takeNote = OldNote.command('takeNote', {
  input: z.object({ noteId: Id, words: z.string() }),
  stream: ({ noteId }) => noteId,
  decide: ({ words }) => oldNote.NoteTaken({ words }),
});
const oldNotes = projection(table('notes', { noteId: id(), words: text() }, { key: 'noteId' }), [oldNote], {
  NoteTaken: ({ id: noteId, data: { words } }, row) => row(noteId).put({ noteId, words }),
});
/** A read table that the newer version does without. */
const arrivals = projection(table('arrivals', { sku: id() }, { key: 'sku' }), [product], {
  ProductAdded: ({ id: sku }, row) => row(sku).put({ sku }),
  ProductRestocked: ignore,
  PriceChanged: ignore,
});

const newNote = events(
  'note',
  { NoteTaken: z.object({ words: z.string(), pages: z.int() }), NoteStruck: z.object({}) },
  { upcasters: { NoteTaken: [(data) => ({ ...data, pages: 1 })] } },
);
const NewNote = decider(newNote)
  .starts({})
  .evolves({ NoteTaken: (state) => state, NoteStruck: (state) => state });
const takePages = NewNote.command('takeNote', {
  input: z.object({ noteId: Id, words: z.string(), pages: z.int() }),
  stream: ({ noteId }) => noteId,
  decide: ({ words, pages }) => newNote.NoteTaken({ words, pages }),
});
const strikeNote = NewNote.command('strikeNote', {
  input: z.object({ noteId: Id }),
  stream: ({ noteId }) => noteId,
  decide: () => newNote.NoteStruck({}),
});
const newNotes = projection(table('notes', { noteId: id(), pages: int() }, { key: 'noteId' }), [newNote], {
  NoteTaken: ({ id: noteId, data: { pages } }, row) => row(noteId).put({ noteId, pages }),
  NoteStruck: ({ id: noteId }, row) => row(noteId).remove(),
});
/** A read table that only the newer version has. */
const struck = projection(table('struck', { noteId: id() }, { key: 'noteId' }), [newNote], {
  NoteTaken: ignore,
  NoteStruck: ({ id: noteId }, row) => row(noteId).put({ noteId }),
});

/** The same rows, by a projection that says it is another. */
const revised = ({ projection, ...exposure }: Application['exposures'][number]) =>
  projection.table.name === 'orders'
    ? { ...exposure, projection: { ...projection, source: `${projection.source} revised` } }
    : { ...exposure, projection };

const { commands, exposures } = shop;
const module = import.meta.url;

/** The version that is there first. */
export const older = application({
  name: 'older',
  module,
  commands: [...commands, takeNote],
  shows: [...exposures, expose(oldNotes, { type: 'Note', aggregate: OldNote, one: { note: { by: 'noteId' } } })],
  hidden: [arrivals],
});

/** The version that is deployed then: orders and notes are projected otherwise, there is one read table more, and one less. */
export const newer = application({
  name: 'newer',
  module,
  commands: [...commands, takePages, strikeNote],
  shows: [...exposures.map(revised), expose(newNotes, { type: 'Note', aggregate: NewNote, one: { note: { by: 'noteId' } } })],
  hidden: [struck],
});
