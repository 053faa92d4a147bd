/** Each example under a crowd: of many commands at once, exactly as many are accepted as its rule allows, on every store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Dispatcher, openMemoryEngine, type SendOptions } from '#command';
import type { EventCodec, Recorded } from '#event';
import type { EventReader } from '#eventstore';
import { open } from '#shell';
import { application, type Command } from '#varve';
import * as courses from './course-subscriptions.ts';
import * as prices from './dynamic-product-price.ts';
import * as aggregate from './event-sourced-aggregate.ts';
import * as invoices from './invoice-number.ts';
import * as signUps from './opt-in-token.ts';
import * as duplicates from './prevent-record-duplication.ts';
import * as accounts from './unique-username.ts';

const racersCount = 50;

type Sent = readonly [command: Command, input: unknown, options?: SendOptions];
type Engine = Dispatcher & { readonly log: EventReader; readonly codec: EventCodec };

interface Race {
  readonly rule: string;
  readonly given?: readonly Sent[];
  readonly racers: readonly Sent[];
  /** How many of the racers are accepted. Left out: that is for `check` to say. */
  readonly accepted?: number;
  /** Why all others are refused. */
  readonly refused?: string;
  check?(events: readonly Recorded[], accepted: number): void;
}

const many = (racer: (i: number) => Sent, count = racersCount) => Array.from({ length: count }, (_, i) => racer(i + 1));
const dataOf = (events: readonly Recorded[], type: string) => events.filter((event) => event.type === type).map(({ data }) => data);

const newPrice = { productId: 'p1', newPrice: '2.00' };
const ada = { emailAddress: 'ada@example.com', otp: '123456' };

const races: readonly Race[] = [
  {
    rule: 'a course of 10 seats takes 10 of 50 students',
    given: [[courses.defineCourse, { courseId: 'c1', capacity: 10 }]],
    racers: many((i) => [courses.subscribeStudentToCourse, { studentId: `s${i}`, courseId: 'c1' }]),
    accepted: 10,
    refused: 'CourseFull',
  },
  {
    rule: 'a student who asks for 50 courses gets 5',
    given: many((i) => [courses.defineCourse, { courseId: `c${i}`, capacity: 10 }]),
    racers: many((i) => [courses.subscribeStudentToCourse, { studentId: 's1', courseId: `c${i}` }]),
    accepted: 5,
    refused: 'TooManyCourses',
  },
  {
    rule: 'a username goes to one of 50',
    racers: many(() => [accounts.registerAccount, { username: 'ada' }]),
    accepted: 1,
    refused: 'UsernameClaimed',
  },
  {
    rule: '50 invoices are numbered 1 to 50',
    racers: many((i) => [invoices.createInvoice, { invoiceData: { i } }]),
    accepted: racersCount,
    check: (events) =>
      expect(dataOf(events, 'InvoiceCreated')).toMatchObject(Array.from({ length: racersCount }, (_, i) => ({ invoiceNumber: i + 1 }))),
  },
  {
    rule: 'a code confirms once',
    given: [[signUps.initiateSignUp, { ...ada, name: 'Ada' }]],
    racers: many(() => [signUps.confirmSignUp, ada]),
    accepted: 1,
    refused: 'OtpUsed',
  },
  {
    rule: 'a token places one order',
    racers: many((i) => [duplicates.placeOrder, { orderId: `o${i}`, idempotencyToken: 't1' }]),
    accepted: 1,
    refused: 'Resubmission',
  },
  {
    rule: 'a new price is good from the moment it was set, and no sooner',
    given: [[prices.defineProduct, { productId: 'p1', price: '1.00' }]],
    racers: many((i) =>
      i === racersCount / 2
        ? [prices.changeProductPrice, newPrice]
        : [prices.orderProducts, { orderId: `o${i}`, items: [{ productId: 'p1', displayedPrice: '2.00' }] }],
    ),
    refused: 'InvalidPrice',
    check: (events, accepted) => {
      expect(events.map(({ type }) => type)).toEqual([
        'ProductDefined',
        'ProductPriceChanged',
        ...Array.from({ length: accepted - 1 }, () => 'ProductsOrdered'),
      ]);
      expect(accepted).toBeGreaterThan(1);
      expect(accepted).toBeLessThan(racersCount);
    },
  },
  {
    rule: 'of 50 changes decided on one version, one is made',
    given: [[aggregate.defineCourse, { courseId: 'c1', title: 'Sediments', capacity: 100 }]],
    racers: many((i) => [aggregate.changeCapacity, { courseId: 'c1', newCapacity: 100 + i }, { expectedVersion: 1 }]),
    accepted: 1,
    refused: 'VersionConflict',
  },
];

const stores: Readonly<Record<string, (commands: readonly Command[]) => Promise<Engine>>> = {
  memory: async (commands) => openMemoryEngine({ commands, projections: [] }),
  SQLite: async (commands) => {
    const folder = mkdtempSync(join(tmpdir(), 'varve-race-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return open(application({ name: 'race', commands, shows: [] }), folder);
  },
};

describe.each(Object.keys(stores))('on %s', (store) => {
  test.each(races)('$rule', async (race) => {
    const engine = await stores[store]?.([...new Set([...(race.given ?? []), ...race.racers].map(([command]) => command))]);
    if (!engine) throw new Error(`There is no store ${store}.`);
    // Registered after the folder's removal, so it runs before it.
    onTestFinished(() => engine.close());
    await run(engine, race);
  });
});

async function run(engine: Engine, { given = [], racers, accepted, refused, check }: Race): Promise<void> {
  for (const sent of given) expect(await engine.send(...sent)).toMatchObject({ accepted: true });
  // Spread over some milliseconds, so that the crowd falls on several commits and meets in each of them.
  const outcomes = await Promise.all(racers.map(async (sent, i) => sleep(Math.floor(i / 10)).then(() => engine.send(...sent))));
  const refusals = outcomes.flatMap((outcome) => (outcome.accepted ? [] : [outcome.refusal.rejection]));
  const acceptedCount = outcomes.length - refusals.length;
  if (accepted !== undefined) expect(acceptedCount).toBe(accepted);
  expect([...new Set(refusals)]).toEqual(refused === undefined ? [] : [refused]);

  const stored = await engine.log.read('all');
  const events = stored.map((event) => engine.codec.decode(event));
  expect(events.map(({ position }) => position)).toEqual(Array.from({ length: given.length + acceptedCount }, (_, i) => i + 1));
  check?.(events, acceptedCount);
}
