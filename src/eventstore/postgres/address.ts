import { VarveError } from '#base';

/** What a server must be, in the words of libpq's `target_session_attrs`. */
type Target = 'any' | 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby';

/** How a connection is encrypted, in the words and meanings of libpq's `sslmode`; its `allow` and `prefer`, which leave that to the server, are not among them. */
const sslModes: ReadonlySet<string> = new Set(['disable', 'require', 'verify-ca', 'verify-full']);

const targets: ReadonlySet<string> = new Set<Target>(['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby']);

/** Where a log is: one database, on any of some servers. */
export interface Address {
  /** A URL a server, in the order in which they are tried. With the password: not to be shown. */
  readonly urls: readonly string[];
  /** Without the password: `postgres://ada@one:5432,two:5432/shop`. */
  readonly place: string;
  readonly target: Target;
}

const parts =
  /^(?<scheme>postgres(?:ql)?):\/\/(?:(?<who>[^@/?#]*)@)?(?<hosts>[^@/?#]*)(?:\/(?<database>[^?#]*))?(?:\?(?<settings>[^#]*))?$/;

/**
 * Reads `postgres://user:password@host:port,host:port/database?target_session_attrs=read-write`, which names any number of servers, as libpq has it
 * and the driver has not. `sslmode` means what it means to libpq; what else the URL says is the driver's. Throws `BAD_CONFIGURATION`, without the URL,
 * for it may hold a password.
 */
export function addressOf(url: string): Address {
  const { who = '', hosts = '', database = '', settings = '' } = parts.exec(url)?.groups ?? {};
  const params = new URLSearchParams(settings);
  const target = params.get('target_session_attrs') ?? 'any';
  params.delete('target_session_attrs');
  if (params.has('sslmode')) {
    assertSslMode(params);
    // Left to itself, the driver verifies names by all of them.
    if (params.get('sslmode') !== 'disable') params.set('uselibpqcompat', 'true');
  }
  const rest = `/${database}${params.size === 0 ? '' : `?${params}`}`;
  const urls = hosts.split(',').map((host) => `postgres://${who === '' ? '' : `${who}@`}${host}${rest}`);
  if (!parts.test(url) || !urls.every(isUrl)) throw noUrl();
  if (!isTarget(target))
    throw bad(`has target_session_attrs=${target}, which is not known`, `Say one of ${[...targets].join(', ')}, or leave it out.`);
  const [user = ''] = who.split(':');
  return { urls, place: `postgres://${user === '' ? '' : `${user}@`}${hosts}/${database}`, target };
}

const isTarget = (text: string): text is Target => targets.has(text);

/** A socket's folder comes as `host` among the settings: then there is no host before them. */
const isUrl = (url: string): boolean => URL.canParse(url) || URL.canParse(url.replace(/(@|\/\/)\//, '$1socket/'));

function assertSslMode(params: URLSearchParams): void {
  const mode = params.get('sslmode') ?? '';
  if (!sslModes.has(mode)) throw bad(`has sslmode=${mode}, which is not known`, `Say one of ${[...sslModes].join(', ')}, or leave it out.`);
  if (mode === 'verify-ca' && !params.has('sslrootcert'))
    throw bad('has sslmode=verify-ca and does not say by which certificate', 'Name its file with sslrootcert, or say sslmode=verify-full.');
}

const noUrl = () =>
  new VarveError({
    code: 'BAD_CONFIGURATION',
    message: 'What is given as the store is no URL of a PostgreSQL database.',
    hint: 'Give it as postgres://user:password@host:5432/database, what is special in the password percent-encoded.',
  });

const bad = (what: string, hint: string) => new VarveError({ code: 'BAD_CONFIGURATION', message: `The store's URL ${what}.`, hint });

/** Throws `BAD_CONFIGURATION` where a log cannot have this name: it is that of its schema. */
export function assertLogName(log: string): void {
  if (!/^(?!pg_)[a-z][a-z0-9_]{0,62}$/.test(log))
    throw new VarveError({
      code: 'BAD_CONFIGURATION',
      message: `A log cannot be named ${JSON.stringify(log)}.`,
      hint: 'Name it by lower case letters, digits and _, at most 63, the first a letter; not with pg_ before it.',
    });
}

/** The schema of a log, as it stands in SQL. Throws `BAD_CONFIGURATION` where its name is none. */
export function schemaOf(log: string): string {
  assertLogName(log);
  return `"${log}"`;
}
