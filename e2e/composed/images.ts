import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { limits } from '#base';
import { clusterFolder, type Service } from '../composed.ts';
import { startServing, varve } from '../server-process.ts';
import { type Environment, execute, type Running, serving } from './programs.ts';

/** A service of the compose file, where it is to run. */
export interface Place {
  readonly service: Service;
  /** The file's, and what PostgreSQL's programs are to know of its server. */
  readonly environment: Environment;
  readonly port: number;
  /** Of all services: volumes and scripts, by their names. */
  readonly folder: string;
  /** A text in which services are called by their names, as it is on this machine. */
  here(text: string): string;
}

/** Starts a service as its image does; resolves when it is healthy. */
export function start(place: Place): Promise<Running> {
  const { image } = place.service;
  if (image.startsWith('postgres:')) return startPostgres(place);
  if (image.startsWith('haproxy:')) return startProxy(place);
  return startVarve(place);
}

async function startPostgres({ service, environment, folder }: Place): Promise<Running> {
  const { entrypoint, command = '', healthcheck } = service;
  const data = environment['PGDATA'] ?? '';
  if (entrypoint === undefined && !existsSync(join(data, 'PG_VERSION'))) await makeDatabase(environment, folder);
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off'].flatMap((setting) => ['-c', setting]);
  const program = entrypoint === undefined ? 'postgres' : join(folder, basename(entrypoint));
  const isHealthy = async () => {
    await execute('sh', ['-c', healthcheck?.test ?? 'false'], environment);
    return true;
  };
  return serving(program, [...command.split(' '), ...settings], environment, isHealthy, 'SIGINT');
}

/** As the image does on an empty folder: what is to be run once is run while only a socket leads to the server. */
async function makeDatabase(environment: Environment, folder: string): Promise<void> {
  const { PGDATA: data = '', POSTGRES_USER: user = '', POSTGRES_DB: database = '', POSTGRES_PASSWORD: password = '' } = environment;
  const secret = join(folder, 'password');
  writeFileSync(secret, password);
  await execute('initdb', ['-U', user, '--pwfile', secret, '--encoding=UTF8', '--locale=C', '--no-sync'], environment);
  writeFileSync(join(data, 'pg_hba.conf'), 'local all all trust\nhost all all all scram-sha-256\n');
  const flags = `-k ${folder} -c listen_addresses=''`;
  await execute('pg_ctl', ['start', '--wait', '--log', join(folder, 'made.log'), '--options', flags], environment);
  try {
    await execute('psql', ['-U', user, '-d', 'postgres', '-c', `CREATE DATABASE "${database}"`], environment);
    await execute(join(folder, 'primary.sh'), [], environment);
  } finally {
    await execute('pg_ctl', ['stop', '--wait', '--mode', 'fast'], environment);
  }
}

function startProxy({ port, folder, here }: Place): Promise<Running> {
  const file = join(folder, 'haproxy.cfg');
  const own = readFileSync(join(clusterFolder, 'haproxy.cfg'), 'utf8').replace('bind :8080', `bind 127.0.0.1:${port}`);
  writeFileSync(file, here(own));
  // By its image it would wait for all streams to end, until it is killed.
  return serving('haproxy', ['-f', file], {}, async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok, 'SIGTERM');
}

async function startVarve({ environment, port }: Place): Promise<Running> {
  const server = await startServing([varve, 'serve'], { ...environment, VARVE_HOST: '127.0.0.1', PORT: String(port) });
  const stop = async () => {
    const late = setTimeout(() => void server.end('SIGKILL'), 2 * limits.shutdownWaitMs);
    const how = await server.end('SIGTERM');
    clearTimeout(late);
    if (how !== 0) throw new Error(`varve ended with ${how}: ${server.log()}`);
  };
  return { kill: async () => server[Symbol.asyncDispose](), stop };
}
