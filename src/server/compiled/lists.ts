import { GraphQLError, type GraphQLOutputType, type GraphQLResolveInfo, locatedError, responsePathAsArray } from 'graphql';
import { type Completion, type Field, leave, type Path, type Run } from './run.ts';
import { isAsyncIterable, isIterable, isPromiseLike } from './values.ts';

/** One entry of a list on its way into the answer. */
interface Entry {
  readonly run: Run;
  readonly field: Field;
  readonly type: GraphQLOutputType;
  readonly complete: Completion;
  readonly info: GraphQLResolveInfo;
}

/** Completes the lists of a type's entries. */
export function completeList(type: GraphQLOutputType, complete: Completion): Completion {
  return (run, field, value, path, info) => {
    const entry: Entry = { run, field, type, complete, info };
    if (isAsyncIterable(value)) return completeAsync(entry, value, path);
    if (isIterable(value)) return completeAll(entry, value, path);
    throw new GraphQLError(`Expected Iterable, but did not find one for field "${info.parentType}.${info.fieldName}".`);
  };
}

function completeAll(entry: Entry, values: Iterable<unknown>, path: Path): unknown {
  const completed: unknown[] = [];
  let isPromised = false;
  const iterator = values[Symbol.iterator]();
  try {
    for (let next = iterator.next(); !next.done; next = iterator.next()) {
      const one = completeEntry(entry, next.value, { prev: path, key: completed.length, typename: undefined });
      completed.push(one);
      isPromised ||= one instanceof Promise;
    }
  } catch (error) {
    leave(completed);
    leaveRest(iterator);
    throw error;
  }
  return isPromised ? Promise.all(completed) : completed;
}

/** The entries that come after the one that failed may be promises too, made already. */
function leaveRest(iterator: Iterator<unknown>): void {
  try {
    for (let next = iterator.next(); !next.done; next = iterator.next()) leave([next.value]);
  } catch {
    // There are no more.
  }
}

/** In as many turns as graphql-js takes: which of two faults comes first decides what is told of them. */
async function completeAsync(entry: Entry, values: AsyncIterable<unknown>, path: Path): Promise<unknown[]> {
  const completed: unknown[] = [];
  const iterator = values[Symbol.asyncIterator]();
  const { run, field } = entry;
  let isDone = false;
  try {
    while (!isDone) {
      let next: IteratorResult<unknown>;
      try {
        next = await iterator.next();
      } catch (error) {
        throw locatedError(error, field.nodes, responsePathAsArray(path));
      }
      isDone = next.done === true;
      run.goOn();
      if (!isDone) completed.push(completeEntry(entry, next.value, { prev: path, key: completed.length, typename: undefined }));
    }
  } catch (error) {
    leave(completed);
    if (!isDone) void stop(iterator);
    throw error;
  }
  return completed.some((one) => one instanceof Promise) ? Promise.all(completed) : completed;
}

async function stop(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // It is not needed any more.
  }
}

function completeEntry({ run, field, type, complete, info }: Entry, value: unknown, path: Path): unknown {
  if (isPromiseLike(value)) return settledEntry({ run, field, type, complete, info }, value, path);
  try {
    const completed = complete(run, field, value, path, info);
    return completed instanceof Promise ? completed.catch((thrown) => run.fail(thrown, type, field, path)) : completed;
  } catch (thrown) {
    return run.fail(thrown, type, field, path);
  }
}

async function settledEntry({ run, field, type, complete, info }: Entry, promise: PromiseLike<unknown>, path: Path): Promise<unknown> {
  try {
    const value = await promise;
    run.goOn();
    const completed = complete(run, field, value, path, info);
    return completed instanceof Promise ? await completed : completed;
  } catch (thrown) {
    return run.fail(thrown, type, field, path);
  }
}
