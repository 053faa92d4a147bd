/** The cases that the examples' authors publish, each through the real pipeline: dispatcher, log, projections, in memory. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fingerprint } from '#base';
import type { AnyCatalogue, Fact } from '#event';
import type { Command } from '#varve';
import { scenario } from '#varve';
import * as courses from './course-subscriptions.ts';
import * as invoices from './invoice-number.ts';
import * as signUps from './opt-in-token.ts';
import * as orders from './prevent-record-duplication.ts';
import * as accounts from './unique-username.ts';

const casesFile = new URL('../../../../shared/data/dcb-examples/cases.json', import.meta.url);
const casesExpected = 27;

const Event = z.object({
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  metadata: z.object({ daysAgo: z.coerce.number(), minutesAgo: z.coerce.number() }).partial().default({}),
});
const Case = z.object({
  note: z.string(),
  given: z.array(Event),
  when: z.object({ type: z.string(), data: z.unknown() }),
  // biome-ignore lint/suspicious/noThenProperty: the file's own word, and nobody awaits a case.
  then: z.union([z.strictObject({ event: Event }), z.strictObject({ refusedWith: z.string() })]),
});
const Feature = z.object({
  example: z.string(),
  feature: z.string().nullable(),
  events: z.array(z.object({ name: z.string(), tags: z.array(z.string()) })),
  cases: z.array(Case),
});
type Event = z.output<typeof Event>;
type Case = z.output<typeof Case>;
type Feature = z.output<typeof Feature>;

/** How one example's cases are read: its events, its commands, and in whose stream an event of its stands. */
interface Example {
  readonly catalogue: AnyCatalogue;
  readonly commands: readonly Command[];
  streamOf(data: Event['data']): unknown;
}

const examples: Readonly<Record<string, Example>> = {
  'course-subscriptions': {
    catalogue: courses.course,
    commands: [courses.defineCourse, courses.changeCourseCapacity, courses.subscribeStudentToCourse],
    streamOf: ({ courseId }) => courseId,
  },
  'unique-username': {
    catalogue: accounts.account,
    commands: [accounts.registerAccount],
    streamOf: ({ username, oldUsername }) => username ?? oldUsername,
  },
  'invoice-number': { catalogue: invoices.invoice, commands: [invoices.createInvoice], streamOf: () => 'register' },
  'opt-in-token': {
    catalogue: signUps.signUp,
    commands: [signUps.confirmSignUp],
    streamOf: ({ emailAddress }) => fingerprint(String(emailAddress)),
  },
  'prevent-record-duplication': { catalogue: orders.order, commands: [orders.placeOrder], streamOf: ({ orderId }) => orderId },
};

/** Features whose rule replaces that of the features before them. */
const rules: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  unique_username_04: { registerAccount: accounts.registerAccountAfterRetention },
};

const now = new Date('2026-03-01T09:00:00Z');
const momentOf = ({ metadata: { daysAgo = 0, minutesAgo = 0 } }: Event) =>
  new Date(now.getTime() - (daysAgo * 24 * 60 + minutesAgo) * 60_000);

function factOf({ catalogue }: Example, { type, data }: Event): Fact {
  expect([...catalogue.definitions.keys()]).toContain(type);
  return { category: catalogue.category, type, data };
}

function commandOf({ feature }: Feature, { commands }: Example, name: string): Command {
  const command = rules[feature ?? '']?.[name] ?? commands.find((one) => one.name === name);
  if (!command) throw new Error(`No example has the command ${name}.`);
  return command;
}

async function run(feature: Feature, example: Example, { given, when, then }: Case): Promise<void> {
  const command = commandOf(feature, example, when.type);
  const story = scenario({ commands: [command], projections: [] }, { now });
  for (const event of given) story.givenAt(momentOf(event), String(example.streamOf(event.data)), factOf(example, event));
  const { events, refusal } = await story.when(command, when.data).outcome();
  if ('refusedWith' in then) {
    expect({ refusal: refusal?.message, events }).toEqual({ refusal: then.refusedWith, events: [] });
  } else {
    expect({ refusal, events: events.map(({ type, data }) => ({ type, data })) }).toEqual({
      refusal: undefined,
      events: [{ type: then.event.type, data: then.event.data }],
    });
    expect(events[0]?.id).toBe(example.streamOf(then.event.data));
  }
}

/** The source's tag rule, filled in. An e-mail address is personal, so there a fingerprint stands for it. */
function tagsBySource(rule: readonly string[], data: Event['data']): readonly string[] {
  const fill = (_: string, field: string) => (field === 'emailAddress' ? fingerprint(String(data[field])) : String(data[field]));
  return rule.map((tag) => tag.replace(/\{data\.(\w+)\}/, fill));
}

function checkTags(feature: Feature, { catalogue }: Example): void {
  const rulesByType = new Map(feature.events.map(({ name, tags }) => [name, tags]));
  const events = feature.cases.flatMap(({ given, then }) => ('event' in then ? [...given, then.event] : given));
  for (const { type, data } of events) {
    const rule = rulesByType.get(type);
    if (rule) expect(catalogue.definitions.get(type)?.tags(data)).toEqual(tagsBySource(rule, data));
  }
}

if (existsSync(casesFile)) {
  const features = z.array(Feature).parse(JSON.parse(readFileSync(casesFile, 'utf8')));
  let ran = 0;
  describe.each(features)('$example $feature', (feature) => {
    const example = examples[feature.example];
    if (!example) throw new Error(`The cases name an example that is not here: ${feature.example}.`);
    test.each(feature.cases)('$note', async (one) => {
      await run(feature, example, one);
      ran += 1;
    });
    test('has the tags of its source', () => checkTags(feature, example));
  });
  test(`all ${casesExpected} cases ran and held`, () => expect(ran).toBe(casesExpected));
} else {
  console.warn(`The published cases were not run: ${casesFile.pathname} is not there.`);
  test.skipIf(true)('the published cases (their file is not there)', () => {});
}
