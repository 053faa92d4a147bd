import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { clusterFolder, composed, type Service } from '../composed.ts';
import { asked, serverFolder } from '../faults/pgserver.ts';
import { freePort } from '../postgres-server.ts';
import { type Place, start } from './images.ts';
import { type Environment, execute, type Running } from './programs.ts';

/** What the compose file names, each after all that depends on it. */
const levels = [['proxy'], ['varve1', 'varve2', 'varve3'], ['standby'], ['primary']] as const;
const services = levels.flat();

/** A service of the compose file, by its name. */
export type Name = (typeof services)[number];

/** This machine, in the place of Docker: services are programs, their names ports of loopback, volumes folders. All goes when it is disposed of. */
export class Machine implements AsyncDisposable {
  readonly #folder = serverFolder();
  readonly #ports: ReadonlyMap<string, number>;
  readonly #running = new Map<string, Promise<Running>>();

  /** A machine on which nothing runs. */
  static async make(): Promise<Machine> {
    const ports = new Map<string, number>();
    for (const name of services) ports.set(name, await freePort());
    return new Machine(ports);
  }

  private constructor(ports: ReadonlyMap<string, number>) {
    this.#ports = ports;
    for (const script of ['primary.sh', 'standby.sh']) copyFileSync(join(clusterFolder, script), join(this.#folder.path, script));
  }

  /** A path of the proxy's. */
  at(path: string): string {
    return `http://127.0.0.1:${this.#portOf('proxy')}${path}`;
  }

  /** The first value that one of the databases answers to a client. */
  asked(name: Name, text: string): Promise<unknown> {
    const { POSTGRES_USER: user, POSTGRES_PASSWORD: password, POSTGRES_DB: database } = this.#environmentOf('primary');
    return asked(`postgres://${user}:${password}@127.0.0.1:${this.#portOf(name)}/${database}`, text);
  }

  /** `docker compose up --wait`: starts what does not run, and what that depends on before it. Left out: all. */
  async up(...names: readonly string[]): Promise<void> {
    await Promise.all((names.length > 0 ? names : services).map((name) => this.#up(name)));
  }

  /** `docker compose down`: ends all, each before what it depends on; volumes stay. */
  async down(): Promise<void> {
    for (const names of levels) await Promise.all(names.map((name) => this.stop(name)));
  }

  /** `docker compose stop`. */
  async stop(name: string): Promise<void> {
    const running = await this.#taken(name);
    await running?.stop();
  }

  /** The end of the machine that a service is on. */
  async kill(name: Name): Promise<void> {
    const running = await this.#taken(name);
    await running?.kill();
  }

  /** `docker volume rm`. */
  removeVolume(name: string): void {
    rmSync(join(this.#folder.path, name), { recursive: true });
  }

  /** `docker compose exec`: runs a line of shell beside a service. */
  exec(name: string, line: string): Promise<void> {
    return execute('sh', ['-c', line], this.#environmentOf(name));
  }

  /** Runs a line of shell in the folder whose `.env` is read. */
  shell(line: string): Promise<void> {
    return execute('sh', ['-c', line], {}, this.#folder.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of services) await this.kill(name);
    this.#folder[Symbol.dispose]();
  }

  async #taken(name: string): Promise<Running | undefined> {
    const running = this.#running.get(name);
    this.#running.delete(name);
    // One that did not start has been told of.
    return running?.catch(() => undefined);
  }

  #up(name: string): Promise<Running> {
    const running = this.#running.get(name) ?? this.#start(name);
    this.#running.set(name, running);
    return running;
  }

  async #start(name: string): Promise<Running> {
    const service = this.#serviceOf(name);
    const { depends_on: needed = [] } = service;
    await Promise.all((Array.isArray(needed) ? needed : Object.keys(needed)).map((other: string) => this.#up(other)));
    const place: Place = {
      service,
      environment: this.#environmentOf(name),
      port: this.#portOf(name),
      folder: this.#folder.path,
      here: (text) => this.#here(text),
    };
    return start(place);
  }

  #portOf(name: string): number {
    return this.#ports.get(name) ?? 0;
  }

  #serviceOf(name: string): Service {
    const file = join(this.#folder.path, '.env');
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const variables = Array.from(text.matchAll(/^(\w+)=(.*)$/gm), ([, key, value]) => [key, value]);
    const service = composed(Object.fromEntries(variables)).services[name];
    if (!service) throw new Error(`There is no service ${name}.`);
    return service;
  }

  /** What the file gives it, and what PostgreSQL's programs are to know of its server. */
  #environmentOf(name: string): Environment {
    const { environment = {}, volumes = [] } = this.#serviceOf(name);
    const [volume = ''] = volumes.map((text) => text.split(':')[0] ?? '').filter((from) => !from.startsWith('.'));
    return {
      ...Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, this.#here(String(value))])),
      PGDATA: join(this.#folder.path, volume),
      PGHOST: this.#folder.path,
      PGPORT: String(this.#portOf(name)),
    };
  }

  #here(text: string): string {
    const pattern = new RegExp(`\\b(${services.join('|')})(:| port=)\\d+\\b`, 'g');
    return text.replace(pattern, (_, name: string, between: string) => `127.0.0.1${between}${this.#portOf(name)}`);
  }
}
