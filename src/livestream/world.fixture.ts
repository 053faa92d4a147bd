import { assert, type Position } from '#base';
import { openMemoryEngine } from '#command';
import type { AnyRow } from '#readtable';
import { openWallet, pay, walletDomain } from '../command/wallet.fixture.ts';
import { asTested } from '../readtable/late.fixture.ts';
import { Hub } from './hub.ts';
import type { RowMessage, Sources } from './rows.ts';

/** A writer in memory, and what live streams read of it. */
export interface World {
  readonly sources: Sources;
  readonly hub: Hub;
  /** Opens a wallet, red where nothing else is said: one event. */
  open(id: string, colour?: string): Promise<Position>;
  /** Pays into a wallet: an event each time, all in one commit. */
  pay(id: string, coins: number, times?: number): Promise<Position>;
}

/** Opens a world. */
export function openWorld(journalPositionsMax?: number): World {
  const hub = new Hub(0);
  const engine = openMemoryEngine(walletDomain, {
    onCommit: (commit) => hub.publish(commit),
    ...(journalPositionsMax !== undefined && { journalPositionsMax }),
  });
  const positionOf = (outcome: Awaited<ReturnType<typeof engine.send>>): Position => {
    assert(outcome.accepted, 'The command was refused.');
    return outcome.position;
  };
  return {
    hub,
    sources: { hub, snapshots: asTested(engine.snapshots), log: engine.log, codec: engine.codec },
    open: async (walletId, colour = 'red') => positionOf(await engine.send(openWallet, { walletId, colour })),
    pay: async (walletId, coins, times = 1) => positionOf(await engine.send(pay, { walletId, coins, times })),
  };
}

/** Takes so many messages, fewer where the stream ends. */
export async function take<T>(stream: AsyncGenerator<T, void, undefined>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const { value, done } = await stream.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

/** A message of rows in short: what, where, whose, how many coins. */
export const short = ({ kind, position, key, row }: RowMessage): readonly [string, Position, string, AnyRow[string]] => [
  kind,
  position,
  key,
  row?.['coins'],
];

/** Lets everything that is under way come to rest. */
export const rest = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 5));
