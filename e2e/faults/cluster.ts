import { join } from 'node:path';
import { freePort } from '../postgres-server.ts';
import { asked, Server, serverFolder, until } from './pgserver.ts';

/** A PostgreSQL primary and a hot standby of a test's own, which may be killed. */
export interface Cluster extends AsyncDisposable {
  /** Names both servers, and asks for the one that takes writes. */
  readonly url: string;
  /** Each server by itself. */
  readonly urls: readonly [primary: string, standby: string];
  /** Ends all processes of the primary at once, as the end of its machine does. */
  killPrimary(): Promise<void>;
  /** The same of the standby. */
  killStandby(): Promise<void>;
  /** Starts it again: it follows from where it was. */
  restartStandby(): Promise<void>;
  /** The standby receives nothing any more, until it is promoted. */
  holdUpStandby(): void;
  /** Makes the standby the primary; resolves when it takes writes. */
  promote(): Promise<void>;
}

/** What may be said of a cluster. */
export interface ClusterOptions {
  /** Commits do not wait for the standby. */
  readonly isAsync?: boolean;
  /** `name=value`, of the standby alone. */
  readonly standbySettings?: readonly string[];
}

/** Starts a primary, whose commits wait for its standby unless `isAsync`, and the standby. */
export async function startCluster({ isAsync = false, standbySettings = [] }: ClusterOptions = {}): Promise<Cluster> {
  const folder = serverFolder();
  const ports = [await freePort(), await freePort()] as const;
  const [primary, standby] = ports.map((port, i) => new Server(join(folder.path, `server${i}`), port)) as [Server, Server];
  try {
    primary.initialise();
    await primary.start(...(isAsync ? [] : ['synchronous_standby_names=*']));
    await standby.copyOf(primary);
    await standby.start(...standbySettings);
    await until(async () => (await asked(primary.url, 'SELECT 1 FROM pg_stat_replication')) === 1);
  } catch (fault) {
    await Promise.all([primary.kill(), standby.kill()]);
    folder[Symbol.dispose]();
    throw fault;
  }
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join();
  return {
    url: `postgres://varve@${hosts}/postgres?target_session_attrs=read-write`,
    urls: [primary.url, standby.url],
    killPrimary: () => primary.kill(),
    killStandby: () => standby.kill(),
    restartStandby: () => standby.start(...standbySettings),
    holdUpStandby: () => standby.signalReceiver('SIGSTOP'),
    promote: async () => {
      standby.signalReceiver('SIGKILL');
      standby.promote();
      await until(async () => (await asked(standby.url, 'SELECT (NOT pg_is_in_recovery())::int')) === 1);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([primary.kill(), standby.kill()]);
      folder[Symbol.dispose]();
    },
  };
}
