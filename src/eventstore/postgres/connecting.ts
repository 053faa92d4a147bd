import { textOf, VarveError } from '#base';
import type { Address } from './address.ts';
import { connectFault, unavailable } from './faults.ts';
import { Link, type LinkOptions } from './link.ts';

/** A server as its connection shows it. */
interface Server {
  readonly isStandby: boolean;
  readonly takesWrites: boolean;
}

/** What a connection is to be, and what may be set of it. */
export interface ConnectOptions extends LinkOptions {
  /** True where it is to be written to, or to show all that was. */
  readonly needsWrites?: boolean;
  /** True at a start, where to find no server that takes writes is an operator's mistake; later it may be a failover. */
  readonly isStart?: boolean;
}

/**
 * Connects to the first of an address's servers that is what it asks for; one that is to be written to takes writes, too. Throws `STORE_UNAVAILABLE`,
 * `STORE_RIGHTS_MISSING`, `BAD_CONFIGURATION`, and at a start `STORE_READ_ONLY` where there are servers and none of them takes writes.
 */
export async function connect(address: Address, { needsWrites = false, isStart = false, ...options }: ConnectOptions): Promise<Link> {
  const faults: unknown[] = [];
  const passes = address.target === 'prefer-standby' ? (['standby', 'any'] as const) : [address.target];
  for (const target of passes)
    for (const url of address.urls) {
      const link = await tried(url, options, faults);
      if (!link) continue;
      if (await suits(link, target, needsWrites, faults)) return link;
      await link.close();
    }
  throw faults.length > 0 ? away(address, faults) : unsuitable(address, needsWrites, isStart);
}

async function tried(url: string, options: LinkOptions, faults: unknown[]): Promise<Link | undefined> {
  try {
    return await Link.open(url, options);
  } catch (fault) {
    faults.push(fault);
    return undefined;
  }
}

async function suits(link: Link, target: Address['target'], needsWrites: boolean, faults: unknown[]): Promise<boolean> {
  if (target === 'any' && !needsWrites) return true;
  try {
    const { rows } = await link.say("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')");
    const [isStandby, readOnly] = rows[0] ?? [];
    const server = { isStandby: isStandby === true, takesWrites: readOnly === 'off' };
    return (server.takesWrites || !needsWrites) && isTarget(server, target);
  } catch (fault) {
    faults.push(fault);
    return false;
  }
}

function isTarget({ isStandby, takesWrites }: Server, target: Address['target']): boolean {
  if (target === 'read-write') return takesWrites;
  if (target === 'read-only') return !takesWrites;
  if (target === 'primary') return !isStandby;
  return target !== 'standby' || isStandby;
}

/** The last server's fault in words; the message reaches clients, so where that server is stands in the cause. */
function away({ place }: Address, faults: readonly unknown[]): unknown {
  const known = faults.map(connectFault).find((fault) => fault instanceof VarveError);
  const words = faults.map(textOf).join('; ');
  return known ?? unavailable('it is not reached', new Error(`${place}: ${words}`, { cause: faults.at(-1) }));
}

function unsuitable({ place, target }: Address, needsWrites: boolean, isStart: boolean): VarveError {
  if (!needsWrites || !isStart) return unavailable(needsWrites ? 'no server takes writes' : `no server is ${target}`, new Error(place));
  return new VarveError({
    code: 'STORE_READ_ONLY',
    message: `${place} takes no writes: it is a standby, or its transactions are set to read-only.`,
    hint: 'Give the URL of the primary, or those of all servers with target_session_attrs=read-write.',
  });
}
