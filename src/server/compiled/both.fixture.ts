import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  executeSubscriptionEvent,
  type GraphQLError,
  type GraphQLSchema,
  type ValidatedSubscriptionArgs,
} from 'graphql';
import { expect } from 'vitest';
import { compiledExecution, type Execution } from '../execution.ts';

/** A result as text, with all that a client may see of it, and what a log may. */
function textOf({ data, errors, ...rest }: ExecutionResult): string {
  const told = errors?.map((error) => ({ ...error.toJSON(), ...causeOf(error) }));
  return JSON.stringify({ ...(errors && { errors: told }), ...(data !== undefined && { data }), ...rest });
}

const causeOf = ({ originalError }: GraphQLError) => ({ cause: originalError && `${originalError.name}: ${originalError.message}` });

/** graphql-js and the compiled execution of one schema. */
export class Both {
  readonly compiled: Execution;

  constructor(schema: GraphQLSchema) {
    this.compiled = compiledExecution(schema);
  }

  /** Executes both ways, the compiled one twice: as it compiles, and compiled. Answers graphql-js's text. */
  async execute(args: () => ExecutionArgs): Promise<string> {
    const plain = await settled(() => execute(args()));
    expect(await settled(() => this.compiled.execute(args()))).toBe(plain);
    expect(await settled(() => this.compiled.execute(args()))).toBe(plain);
    return plain;
  }

  /** Fails where graphql-js's result is not this one. */
  async expectPlain(args: ExecutionArgs, result: ExecutionResult): Promise<void> {
    expect(textOf(result)).toBe(textOf(await execute(args)));
  }

  /** The same of a subscription's message. */
  async executeMessage(args: ValidatedSubscriptionArgs): Promise<string> {
    const plain = await settled(() => executeSubscriptionEvent(args));
    expect(await settled(() => this.compiled.executeMessage(args))).toBe(plain);
    return plain;
  }
}

/** How it ended, and whether at once. */
async function settled(run: () => ExecutionResult | Promise<ExecutionResult>): Promise<string> {
  try {
    const result = run();
    return `${result instanceof Promise ? 'later' : 'at once'} ${textOf(await result)}`;
  } catch (error) {
    return `thrown ${error}`;
  }
}
