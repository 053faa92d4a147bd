import { limits } from '#base';
import type { Head } from '../port.ts';
import { addressOf, schemaOf } from './address.ts';
import { connect } from './connecting.ts';
import { headText } from './reads.ts';
import { type HeadRow, headOf } from './rows.ts';
import { beginHeld } from './silence.ts';
import { told } from './turn.ts';
import { noLock } from './writer.ts';

/** A log that is kept from being written to. */
export interface HeldLog {
  readonly head: Head;
  /** False where its connection broke: it may have been written to since. */
  readonly isHeld: boolean;
  release(): Promise<void>;
}

/**
 * Takes a log's lock and keeps it, by a connection of its own, until it is released or this process ends: servers go on reading, and answer commands by
 * `LOG_BUSY`. Throws `LOG_BUSY` where another process keeps it, and what connecting throws.
 */
export async function holdLog(url: string, log: string): Promise<HeldLog> {
  const schema = schemaOf(log);
  const link = await connect(addressOf(url), { needsWrites: true });
  try {
    await link.say(beginHeld);
    await link.say(`SET LOCAL lock_timeout = ${limits.lockTimeoutMs}`);
    const lock = await link.say(`SELECT is_lock FROM ${schema}.write_lock WHERE is_lock FOR UPDATE`);
    if (lock.rows.length !== 1) throw noLock(log);
    const { rows } = await link.ask<HeadRow>(headText(schema));
    return {
      head: headOf(rows[0]),
      get isHeld() {
        return link.isOpen;
      },
      release: () => link.close(),
    };
  } catch (fault) {
    await link.close();
    throw told(fault);
  }
}
