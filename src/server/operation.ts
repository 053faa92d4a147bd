import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { knowingAccepted } from './accepted.ts';
import { atLeastHeader, reachAtLeast } from './atleast.ts';
import type { Carrier } from './carrier.ts';
import { executionOptions } from './errors.ts';
import type { Execution } from './execution.ts';
import { fault } from './faults.ts';
import type { OperationHooks } from './options.ts';
import type { Underway } from './underway.ts';

/** What the pipeline's plugins find beside each operation. */
export interface Carried {
  readonly carrier: Carrier;
}

/** Executes a query or a mutation that came with a carrier. */
export type Executes = (carrier: Carrier, args: ExecutionArgs) => Promise<ExecutionResult>;

/** Executes with what surrounds each operation: the wait for `varve-at-least`, its context, the position it saw, and the end of it all. */
export function executes<Context>(hooks: OperationHooks<Context>, underway: Underway, execution: Execution): Executes {
  return (carrier, args) => underway.during(() => executeWithin(hooks, execution, carrier, args));
}

/** Has the pipeline execute so. */
export function operations(execute: Executes): Plugin<Carried> {
  return {
    onExecute({ setExecuteFn, context: { carrier } }) {
      setExecuteFn((args: ExecutionArgs) => execute(carrier, args));
    },
    onSubscribe({ setSubscribeFn }) {
      // Whoever can take a stream was led elsewhere.
      setSubscribeFn(() => {
        throw fault('NOT_ACCEPTABLE', 'A subscription is answered by a stream of events, which the request does not accept.');
      });
    },
  };
}

/** The one place where every operation's context is built, whatever transport carries it. */
export async function enter<Context>(hooks: OperationHooks<Context>, carrier: Carrier): Promise<Context> {
  const atLeast = await reachAtLeast(carrier.headers[atLeastHeader], hooks.waitFor);
  return hooks.context(carrier, atLeast);
}

async function executeWithin<Context>(
  hooks: OperationHooks<Context>,
  execution: Execution,
  carrier: Carrier,
  args: ExecutionArgs,
): Promise<ExecutionResult> {
  const context = await enter(hooks, carrier);
  try {
    const executed = await execution.execute({ ...args, contextValue: context, options: executionOptions });
    const result = hooks.accepted ? knowingAccepted(executed, hooks.accepted(context)) : executed;
    const position = hooks.positionSeen(context);
    return position === undefined ? result : { ...result, extensions: { ...result.extensions, position: String(position) } };
  } finally {
    hooks.release(context);
  }
}
