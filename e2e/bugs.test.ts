import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { application, configure, decider, events, expose, Id, id, int, projection, type Running, serve, table } from '#varve';
import { type Answer, client } from './client.ts';
import { temporaryFolder } from './server-process.ts';

/** A small application whose code fails on some numbers, each in another place. */
const bugs = { decide: 13, evolve: 17, project: 19, row: 23 } as const;
const fail = (where: keyof typeof bugs, by: number) => {
  if (by === bugs[where]) throw new TypeError(`secret of ${where}`);
};
const counter = events('counter', { Counted: z.object({ by: z.int() }) });
const Counter = decider(counter)
  .starts({ total: 0 })
  .evolves({
    Counted: ({ total }, { by }) => {
      fail('evolve', by);
      return { total: total + by };
    },
  });
const count = Counter.command('count', {
  description: 'Counts on.',
  input: z.object({ counterId: Id, by: z.int() }),
  stream: ({ counterId }) => counterId,
  refuses: {},
  decide: ({ by }) => {
    fail('decide', by);
    return counter.Counted({ by });
  },
});
const counters = table('counters', { counterId: id(), total: int(), version: int() }, { key: 'counterId' });
const countersFromEvents = projection(counters, [counter], {
  Counted: ({ id: counterId, version, data: { by } }, row) => {
    fail('project', by);
    if (by === bugs.row) return row('nobody').update((was) => was);
    return row(counterId).upsert({ counterId, total: 0, version: 0 }, (was) => ({ ...was, total: was.total + by, version }));
  },
});
const shows = [expose(countersFromEvents, { type: 'Counter', aggregate: Counter, one: { counter: { by: 'counterId' } } })];
const faulty = application({ name: 'faulty', commands: [count], shows });

const folder = temporaryFolder();
const lines: { readonly level: number; readonly correlationId?: string; readonly err?: { readonly stack: string } }[] = [];
const logger = pino(new Writable({ write: (line, _, done) => done(void lines.push(JSON.parse(String(line)))) }));
let running: Running;
beforeAll(async () => {
  running = await serve(faulty, configure({ port: '0', data: folder.path }, {}), logger);
});
afterAll(async () => {
  await running.stop();
  folder[Symbol.dispose]();
});

interface Counted {
  readonly count: { readonly position: string; readonly counter: { readonly total: number; readonly version: number } };
}

async function send(counterId: string, by: number): Promise<Answer<Counted>> {
  const query = 'mutation ($input: CountInput!) { count(input: $input) { ... on CounterAccepted { position counter { total version } } } }';
  return (await (await client(running.url).post({ query, variables: { input: { counterId, by } } })).json()) as Answer<Counted>;
}

test('code of a domain that throws costs its own command only, and is masked', async () => {
  expect((await send('a', 1)).data?.count).toMatchObject({ position: '1' });
  const numbers = Array.from({ length: 32 }, (_, i) => Object.values(bugs)[i / 8] ?? 1);
  // All at once, most of them share a batch; half of them a counter with those that fail.
  const answers = await Promise.all(numbers.map((by, i) => send(i % 2 ? 'a' : `b-${i}`, by)));
  const failed = answers.filter((_, i) => numbers[i] !== 1);
  expect(failed).toHaveLength(4);
  for (const { data, errors = [] } of failed) {
    expect(data).toBeNull();
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'Something went wrong on our side.',
        extensions: { code: 'INTERNAL', correlationId: expect.any(String), hint: expect.stringContaining('correlation id') },
      }),
    ]);
  }
  expect(JSON.stringify(answers)).not.toContain('secret');

  const accepted = answers.flatMap(({ data }) => data?.count ?? []);
  expect(accepted).toHaveLength(28);
  expect(accepted.map(({ position }) => Number(position)).sort((a, b) => a - b)).toEqual(Array.from({ length: 28 }, (_, i) => i + 2));
  const shared = 1 + numbers.filter((by, i) => by === 1 && i % 2).length;
  expect((await send('a', 1)).data?.count).toEqual({ position: '30', counter: { total: shared + 1, version: shared + 1 } });

  const logged = failed.map(({ errors }) =>
    lines.find(({ correlationId }) => correlationId === errors?.[0]?.extensions?.['correlationId']),
  );
  const stacks = logged.map((line) => line?.err?.stack ?? '');
  for (const where of ['decide', 'evolve', 'project'])
    expect(stacks.filter((stack) => stack.includes(`secret of ${where}`) && stack.includes('bugs.test.ts'))).toHaveLength(1);
  expect(stacks.filter((stack) => stack.includes('nobody') && stack.includes('counters'))).toHaveLength(1);
  expect(lines.filter(({ level }) => level >= 50)).toHaveLength(4);
});

test('what throws does so each time, and nothing of it is stored', async () => {
  for (const by of Object.values(bugs)) expect((await send('c', by)).errors?.[0]?.extensions).toMatchObject({ code: 'INTERNAL' });
  expect((await send('c', 1)).data?.count).toEqual({ position: '31', counter: { total: 1, version: 1 } });
});
