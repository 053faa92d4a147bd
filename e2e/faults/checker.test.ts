import { describe, expect, test, vi } from 'vitest';
import { eventsStream } from '../streams/streams.ts';
import { check } from './checker.ts';
import { answersDoctored } from './doctored/answers.ts';
import { commandsDoctored } from './doctored/commands.ts';
import type { Draft } from './doctored/doctoring.ts';
import { keptDoctored } from './doctored/kept.ts';
import { logDoctored } from './doctored/log.ts';
import { orderDoctored } from './doctored/order.ts';
import { shownDoctored } from './doctored/shown.ts';
import type { Run } from './finding.ts';
import { runInMemory } from './memoryshop.ts';
import { mutated } from './mutated.ts';
import { shopDomain } from './shop.ts';

vi.setConfig({ testTimeout: 60_000 });

const stream = eventsStream();
const domain = shopDomain([stream]);

const doctored = { ...logDoctored, ...commandsDoctored, ...answersDoctored, ...orderDoctored, ...shownDoctored, ...keptDoctored };

/** A sound run, with somebody who listened to all of it. */
async function soundRun(): Promise<Run> {
  const { stored, history } = await runInMemory({ seed: 20261130, traders: 6, sendings: 600 });
  const told = domain
    .model(stored.events)
    .script(stream.name)
    .changes.map((said) => ({ said }));
  const reading = { after: { position: 0 }, rowsMax: 0, begunAt: 0, told };
  return { stored, history: { ...history, heard: [{ stream: stream.name, readings: [reading] }] } };
}

const sound = await soundRun();

describe('a run', () => {
  test('that is sound is found so, and is one in which enough came about', () => {
    expect(check(sound, domain)).toEqual([]);
    const count = (is: string) => sound.history.sendings.filter(({ answer }) => answer.is === is).length;
    expect([count('accepted') > 200, count('refused') > 50, count('unknown') > 5, sound.history.reads.length > 50]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test('is plain data: written down and read again it is the same run', () => {
    const { heard, ...rest } = sound.history;
    expect(JSON.parse(JSON.stringify(rest))).toEqual(rest);
    expect(check({ ...sound, history: JSON.parse(JSON.stringify({ heard, ...rest })) }, domain)).toEqual([]);
  });

  test.each(Object.entries(doctored))('in which %s is found out', async (_, { doctor, finds }) => {
    const run = structuredClone(sound) as Draft;
    const about = (await doctor(run)) ?? '';
    const messages = check(run, domain).flatMap(({ code, message }) => (code === finds ? [message] : []));
    expect(
      messages.find((message) => message.includes(String(about))),
      `${finds} ${String(about)} in ${messages}`,
    ).toBeTypeOf('string');
  });
});

describe('a build that', () => {
  test.each(Object.entries(mutated))('%s is found out', async (_, { finds, ...mutation }) => {
    const run = await runInMemory({ seed: 20261130, traders: 8, sendings: 500, mutation });
    expect(check(run, shopDomain()).map(({ code }) => code)).toContain(finds);
  });
});
