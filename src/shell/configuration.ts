import { limits, VarveError } from '#base';
import { type Place, placeOf } from './place.ts';

/** What an operator may set; the environment stands in for a flag that is not given. */
export interface Configuration {
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** The address to listen on. */
  readonly host: string;
  /** Where the log is: a data folder, or a PostgreSQL database. */
  readonly place: Place;
  /** Other origins whose pages may use the API. */
  readonly origins: readonly string[];
  /**
   * True: Yoga handles every request, graphql-js executes every operation, and commands are decided in the server's own thread. The answers are the
   * same, later: for finding out whether a fault lies in what makes them fast.
   */
  readonly plain: boolean;
  /** How long a command's domain code may stand still, in milliseconds; 0: for ever. */
  readonly commandTimeMaxMs: number;
  /** How long a command's receipt is kept at least, in days; undefined: for ever. */
  readonly receiptsDays: number | undefined;
}

/** The flags that say where a log is, as they were typed. */
export interface PlaceFlags {
  readonly data?: string | undefined;
  readonly store?: string | undefined;
  readonly log?: string | undefined;
  readonly readStore?: string | undefined;
  readonly listenStore?: string | undefined;
}

/** The flags of `serve`, as they were typed. */
export interface Flags extends PlaceFlags {
  readonly port?: string | undefined;
  readonly host?: string | undefined;
  readonly origin?: readonly string[] | undefined;
  readonly plain?: boolean | undefined;
  readonly commandTime?: string | undefined;
  readonly receiptsDays?: string | undefined;
}

/** Reads flags over environment over defaults. Throws `BAD_CONFIGURATION`. */
export function configure(flags: Flags, environment: Readonly<Record<string, string | undefined>>): Configuration {
  const origins = flags.origin ?? environment['VARVE_ORIGINS']?.split(',').filter((origin) => origin !== '') ?? [];
  return {
    port: portOf(flags.port ?? environment['PORT'] ?? '4000'),
    host: flags.host ?? environment['VARVE_HOST'] ?? '127.0.0.1',
    place: placeOfFlags(flags, environment),
    origins: origins.map(originOf),
    plain: flags.plain ?? environment['VARVE_PLAIN'] === '1',
    commandTimeMaxMs: timeOf(flags.commandTime ?? environment['VARVE_COMMAND_TIME'] ?? String(limits.commandTimeMaxMs)),
    receiptsDays: daysOf(flags.receiptsDays ?? environment['VARVE_RECEIPTS_DAYS']),
  };
}

const bad = (message: string, hint: string) => new VarveError({ code: 'BAD_CONFIGURATION', message, hint });

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw bad(`The port ${JSON.stringify(text)} is no number from 0 to 65535.`, 'Give --port 4000, or set PORT.');
  return port;
}

function timeOf(text: string): number {
  const ms = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw bad(`The time ${JSON.stringify(text)} is no number of milliseconds.`, 'Give --command-time 1000, or set VARVE_COMMAND_TIME.');
  return ms;
}

function daysOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (days === 0)
    throw bad(
      `The receipts' days ${JSON.stringify(text)} are no number from 1 to 99999.`,
      'Give --receipts-days 90, or set VARVE_RECEIPTS_DAYS; left out, they are kept for ever.',
    );
  return days;
}

/** A store that was named by a flag or the environment, unless a flag names a folder; else the data folder. Throws `BAD_CONFIGURATION`. */
export function placeOfFlags(
  { data, store, log, readStore, listenStore }: PlaceFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Place {
  if (data !== undefined && store !== undefined) throw bad('Both a data folder and a store are given.', 'Give --data or --store.');
  const url = store ?? (data === undefined ? environment['VARVE_STORE'] : undefined) ?? '';
  if (url === '') return placeOf(dataFolder(data, environment));
  if (!/^postgres(ql)?:\/\//.test(url))
    throw bad('The store is no URL of a PostgreSQL database.', 'Give --store postgres://user:password@host:5432/database.');
  return placeOf(url, {
    log: log ?? environment['VARVE_LOG'],
    readStore: readStore ?? environment['VARVE_READ_STORE'],
    listenStore: listenStore ?? environment['VARVE_LISTEN_STORE'],
  });
}

/** The data folder, by flag, environment or default. Throws `BAD_CONFIGURATION`. */
function dataFolder(flag: string | undefined, environment: Readonly<Record<string, string | undefined>>): string {
  const text = flag ?? environment['VARVE_DATA'] ?? '.varve';
  if (text.trim() === '') throw bad('The data folder has no name.', 'Give --data .varve, or set VARVE_DATA.');
  return text;
}

function originOf(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null';
  if (origin === 'null')
    throw bad(`${JSON.stringify(text)} is no origin.`, 'An origin is a scheme, a host and a port: https://shop.example');
  return origin;
}
