import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configure } from '#shell';
import { clusterFolder, composed } from './composed.ts';

const variables = { VARVE_PASSWORD: 'of-varve', REPLICATION_PASSWORD: 'of-the-standby' };
const { services, volumes } = composed(variables);
const read = (name: string) => readFileSync(join(clusterFolder, name), 'utf8');
const environmentOf = (name: string) =>
  Object.fromEntries(Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [key, String(value)]));
const processes = Object.keys(services).filter((name) => name.startsWith('varve'));

test('three processes, a primary and a standby stand behind one door, and have all that they name', () => {
  expect([Object.keys(services).length, processes]).toEqual([6, ['varve1', 'varve2', 'varve3']]);
  for (const [name, service] of Object.entries(services)) {
    expect(service.image, name).toMatch(/^\w+(:[\w.-]+)?$/);
    for (const other of Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {}))
      expect(Object.keys(services), name).toContain(other);
    for (const [from = ''] of (service.volumes ?? []).map((volume) => volume.split(':')))
      expect(from.startsWith('.') ? existsSync(join(clusterFolder, from)) : from in volumes, `${name}: ${from}`).toBe(true);
  }
  expect(Object.values(services).flatMap(({ ports = [] }) => ports)).toEqual(['127.0.0.1:8080:8080']);
  expect(() => composed({})).toThrow('VARVE_PASSWORD is not set.');
});

test('a process is configured by what it is given: it writes to whoever takes writes, and reads from the standby', () => {
  for (const name of processes) {
    const { place, host, port } = configure({}, environmentOf(name));
    expect([host, port, place]).toEqual([
      '0.0.0.0',
      4000,
      {
        url: 'postgres://varve:of-varve@primary:5432,standby:5432/shop?target_session_attrs=read-write',
        readUrl: 'postgres://varve:of-varve@standby:5432,primary:5432/shop?target_session_attrs=prefer-standby',
        log: 'varve',
      },
    ]);
  }
  const { POSTGRES_USER, POSTGRES_DB, REPLICATION_PASSWORD } = environmentOf('primary');
  expect([POSTGRES_USER, POSTGRES_DB, REPLICATION_PASSWORD]).toEqual(['varve', 'shop', environmentOf('standby')['PGPASSWORD']]);
});

test('the proxy knows each process by its name and port, and sends again only what never left', () => {
  const known = [...read('haproxy.cfg').matchAll(/^ {2}server (\S+) (\S+)$/gm)].map(([, name, at]) => [name, at]);
  expect(known).toEqual(processes.map((name) => [name, `${name}:${environmentOf(name)['PORT']}`]));
  const anyway = [...read('haproxy.cfg').matchAll(/^ {2}server \S+ (\S+) no-check backup$/gm)].map(([, at]) => at);
  expect(anyway).toEqual(known.map(([, at]) => at));
  expect(read('haproxy.cfg')).toMatch(/^ {2}retry-on conn-failure$/m);
  expect(read('haproxy.cfg')).toMatch(/^ {2}bind :8080$/m);
});

test('a promoted primary is alone: the old one does not come back by itself', () => {
  expect(Object.entries(services).filter(([, { restart }]) => restart === 'no')).toHaveLength(1);
  expect(services['primary']?.restart).toBe('no');
});

test('what is copied into the image is there, and so is what it starts', () => {
  const root = join(clusterFolder, services['varve1']?.build?.context ?? '');
  expect(join(root, services['varve1']?.build?.dockerfile ?? '')).toBe(join(clusterFolder, 'Dockerfile'));
  const copied = [...read('Dockerfile').matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
  expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const [, program = ''] = /^CMD \["node", "([^"]+)", "serve"\]$/m.exec(read('Dockerfile')) ?? [];
  expect([copied.includes(program.split('/')[0] ?? ''), existsSync(join(root, program))]).toEqual([true, true]);
});

test('the scripts may be run, and are such that a plain shell reads', () => {
  for (const script of ['primary.sh', 'standby.sh']) {
    expect(statSync(join(clusterFolder, script)).mode & 0o111, script).toBe(0o111);
    execFileSync('sh', ['-n', join(clusterFolder, script)]);
  }
});
