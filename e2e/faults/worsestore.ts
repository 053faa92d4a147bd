/**
 * Loaded before a server (`node --import`), which then does with PostgreSQL what a build with one fault would do: `WORSE_STORE` names the fault. The rest is the
 * program that is shipped.
 */
import { isMainThread } from 'node:worker_threads';
import { type WorseStore, worseStoreVariable } from './worsestores.ts';
import { type QueryAnswer, type SentQuery, wrapQuery } from './wrapquery.ts';

type Send = (query: SentQuery) => Promise<QueryAnswer>;

const said = (command: string): QueryAnswer => ({ command, rows: [] });
let commits = 0;
/** Each n-th commit of this process. */
const each = (n: number) => ++commits % n === 0;
const killSoon = () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), 20);

/** Asks for the lock, when something else has been asked. */
let lockLater: (() => void) | undefined;

/** A receipt that is to be kept later. */
let receipt: SentQuery | undefined;

const faults: Readonly<Record<WorseStore, (query: SentQuery, send: Send, isWriting: boolean) => Promise<QueryAnswer>>> = {
  'answers a commit that it takes back': (query, send, isWriting) => {
    if (query.text !== 'COMMIT' || !isWriting || !each(15)) return send(query);
    return send({ text: 'ROLLBACK' }).then(() => said('COMMIT'));
  },
  'reads the head before it has the lock': (query, send) => {
    if (/FOR UPDATE$/.test(query.text))
      return new Promise((resolve) => {
        lockLater = () => resolve(send(query));
      });
    const answer = send(query);
    lockLater?.();
    lockLater = undefined;
    return answer;
  },
  'takes a table before the lock, now and then': (query, send) => {
    const [, schema] = /^SELECT is_lock FROM (\S+)\.write_lock .*FOR UPDATE$/.exec(query.text) ?? [];
    if (schema !== undefined && each(2)) send({ text: `LOCK TABLE ${schema}.changes IN EXCLUSIVE MODE` }).catch(() => undefined);
    return send(query);
  },
  'reads all of a transaction as of its beginning': (query, send) =>
    send({ ...query, text: query.text.replace('ISOLATION LEVEL READ COMMITTED', 'ISOLATION LEVEL REPEATABLE READ') }),
  'keeps receipts outside of the transaction': async (query, send, isWriting) => {
    const [, keep] = /(INSERT INTO \S+\.commands .*) SELECT \* FROM unnest\(\$13/.exec(query.text) ?? [];
    if (keep !== undefined) {
      const { values = [] } = query;
      const text = `${keep} SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])`;
      receipt = { text, values: values.slice(-4) };
      return send({ ...query, values: [...values.slice(0, -4), '{}', '{}', '{}', '{}'] });
    }
    const answer = await send(query);
    if (query.text !== 'COMMIT' || !isWriting || !receipt) return answer;
    const kept = receipt;
    receipt = undefined;
    if (each(25)) killSoon();
    else await send(kept);
    return answer;
  },
};

/** The writer's connection is amid a transaction that writes. */
let isWriting = false;

if (!isMainThread) {
  const fault = faults[process.env[worseStoreVariable] as WorseStore];
  wrapQuery((query, send) => {
    if (/^BEGIN .*READ COMMITTED/.test(query.text)) isWriting = true;
    const answer = fault(query, send, isWriting);
    if (/^(COMMIT|ROLLBACK)/.test(query.text)) isWriting = false;
    return answer;
  });
}
