import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { application, type ExposeSpec, expose } from '#application';
import { codecOf } from '#command';
import { decider, rejection } from '#decider';
import { events } from '#event';
import { ignore, projection } from '#projector';
import { id, oneOf, optional, table, text } from '#readtable';
import { buildSchema, eventShapes, printSdl } from './index.ts';
import { library } from './library.fixture.ts';

const things = events('thing', { ThingMade: z.object({}) });
const Thing = decider(things)
  .starts(0)
  .evolves({ ThingMade: (made) => made + 1 });
const thingTable = table('things', { thingId: id(), note: optional(text()), state: oneOf('State', ['ON']) }, { key: 'thingId' });
const thingRows = projection(thingTable, [things], { ThingMade: ignore });
const command = (name: string, more: object = {}) =>
  Thing.command(name, { input: z.object({ thingId: z.string() }), stream: () => 'x', decide: () => [], ...more });
const shown = (spec: Partial<ExposeSpec<typeof thingTable>>) => () =>
  buildSchema(application({ name: 'x', commands: [], shows: [expose(thingRows, { type: 'Thing', ...spec })] }));

describe('a schema', () => {
  test('is built from data alone, and printed the same every time', () => {
    const sdl = printSdl(buildSchema(library));
    expect(sdl).toBe(printSdl(buildSchema(library)));
    expect(sdl).toContain('union LendResult = CommandIdReused | InvalidInput | LoanAccepted | LoanConflict | VersionConflict');
    expect(sdl).toMatch(/input LendInput \{[^}]*days: Int! = 14/);
    expect(sdl).toMatch(/input BookInput \{[^}]*fee: Decimal! = "0.50"/);
    expect(sdl).toMatch(/type TillAccepted implements Accepted \{\s+"""[^}]*position: Position!/);
    expect(sdl).not.toContain('folded');
  });

  test('says of live rows that what they lead to is of the present, where they lead anywhere', () => {
    const sdl = printSdl(buildSchema(library));
    expect(sdl).toMatch(
      /type LoanChange \{[^}]*as it stands when the message is sent: not as it stood at `position`\.\s+"""\s+loan: Loan\n/,
    );
    expect(sdl).toMatch(/type NewsChange \{[^}]*"""The object after the change; null where there is none\."""\s+news: News\n/);
  });

  test('needs no command', () => {
    expect(shown({})().getMutationType()).toBeUndefined();
  });

  test('shows no live stream of what is not live', () => {
    expect(
      Object.keys(
        shown({ list: { field: 'things' } })()
          .getSubscriptionType()
          ?.getFields() ?? {},
      ),
    ).toEqual(['events']);
  });

  test.each([
    ['a relation to nowhere', shown({ relations: { owner: { one: 'Owner', by: 'note' } } }), 'A relation leads to Owner'],
    ['a relation by no column', shown({ relations: { all: { many: 'Thing', by: 'nope' } } }), 'nope, which is no column of things'],
    ['an order by what may be null', shown({ list: { field: 'things', orderBy: { NOTE: 'note' } } }), 'cannot be ordered by note'],
    ['a lookup by an enum', shown({ one: { thing: { by: 'state' } } }), 'which is no id or text of things'],
    ['entries of no list', shown({ entries: { Part: {} } }), 'things has no list of Part'],
    [
      'two exposures of one type',
      () =>
        buildSchema(application({ name: 'x', commands: [], shows: [expose(thingRows, { type: 'A' }), expose(thingRows, { type: 'A' })] })),
      'Two exposures',
    ],
    [
      'two rejections of one name',
      () => {
        const [one, two] = [1, 2].map(() => rejection('Nope', {}, () => 'no'));
        buildSchema(
          application({ name: 'x', commands: [command('a', { refuses: { one } }), command('b', { refuses: { two } })], shows: [] }),
        );
      },
      'Two rejections are named Nope',
    ],
    [
      'two enums of one name',
      () =>
        buildSchema(
          application({
            name: 'x',
            commands: [command('a', { input: z.object({ state: z.enum(['OFF']).meta({ graphql: 'State' }) }) })],
            shows: [expose(thingRows, { type: 'Thing' })],
          }),
        ),
      'two types named State',
    ],
    [
      'an input that is no object',
      () => buildSchema(application({ name: 'x', commands: [command('a', { input: z.array(z.string()) })], shows: [] })),
      'The input of a is no object',
    ],
  ])('%s is refused', (_, build, message) => {
    expect(build).toThrow(message);
  });
});

test('event shapes are those of the stored data, in a fixed order', () => {
  const shapes = eventShapes(codecOf(library));
  expect(Object.keys(shapes)).toEqual(['LoanEnded', 'LoanMade', 'ReaderJoined', 'TillClosed']);
  expect(shapes['ReaderJoined']).toEqual({
    category: 'reader',
    schemaVersion: 1,
    data: {
      type: 'object',
      properties: { email: { type: ['string', 'null'] }, name: { type: 'string' } },
      required: ['name', 'email'],
    },
  });
});
