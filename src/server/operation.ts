import { type ExecutionArgs, type ExecutionResult, execute, subscribe } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { acceptable } from './accept.ts';
import { atLeastHeader, reachAtLeast } from './atleast.ts';
import { fault } from './faults.ts';
import type { LiveStreams } from './livestreams.ts';
import type { OperationHooks } from './options.ts';
import type { Underway } from './underway.ts';

/** What surrounds each operation: the wait for `varve-at-least`, its context, the position it saw, and the end of it all. */
export function operations<Context>(hooks: OperationHooks<Context>, streams: LiveStreams, underway: Underway): Plugin {
  return {
    onExecute({ setExecuteFn, context: { request } }) {
      setExecuteFn((args: ExecutionArgs) => underway.during(() => executeWithin(hooks, request, args)));
    },
    onSubscribe({ setSubscribeFn, context: { request } }) {
      setSubscribeFn((args: ExecutionArgs) => subscribeWithin(hooks, request, args, streams));
    },
  };
}

async function enter<Context>(hooks: OperationHooks<Context>, request: Request): Promise<Context> {
  await reachAtLeast(request.headers.get(atLeastHeader), hooks.waitFor);
  return hooks.context(request);
}

async function executeWithin<Context>(hooks: OperationHooks<Context>, request: Request, args: ExecutionArgs): Promise<ExecutionResult> {
  const context = await enter(hooks, request);
  try {
    const result = await execute({ ...args, contextValue: context });
    const position = hooks.positionSeen(context);
    return position === undefined ? result : { ...result, extensions: { ...result.extensions, position: String(position) } };
  } finally {
    hooks.release(context);
  }
}

async function subscribeWithin<Context>(hooks: OperationHooks<Context>, request: Request, args: ExecutionArgs, streams: LiveStreams) {
  if (!acceptable(request.headers.get('accept')).events) {
    throw fault('NOT_ACCEPTABLE', 'A subscription is answered by a stream of events, which the request does not accept.');
  }
  const place = streams.take();
  try {
    const context = await enter(hooks, request);
    const end = (): void => {
      place.leave();
      hooks.release(context);
    };
    return await subscribeInside(args, context, end, (results) => place.open(results, request.signal, end));
  } catch (error) {
    place.leave();
    throw error;
  }
}

type Subscribed = Awaited<ReturnType<typeof subscribe>>;

/** Calls `end` where there is no stream to do it. */
async function subscribeInside<T>(
  args: ExecutionArgs,
  contextValue: unknown,
  end: () => void,
  open: (results: Exclude<Subscribed, ExecutionResult>) => T,
) {
  let opened = false;
  try {
    const result = await subscribe({ ...args, contextValue });
    if (!(Symbol.asyncIterator in result)) return result;
    opened = true;
    return open(result);
  } finally {
    if (!opened) end();
  }
}
