import type { GraphQLResolveInfo } from 'graphql';
import { type Field, leave, type Path, type Run } from './run.ts';
import { Bare, isPromiseLike } from './values.ts';

/** Answers an object's fields; a promise where one of them has to be waited for. */
export function resolveFields(run: Run, fields: readonly Field[], source: unknown, path: Path | undefined): Bare | Promise<Bare> {
  const answer = new Bare();
  const promised: string[] = [];
  try {
    for (const field of fields) {
      const value = resolveField(run, field, source, path);
      answer[field.key] = value;
      if (value instanceof Promise) promised.push(field.key);
    }
  } catch (error) {
    leave(promised.map((key) => answer[key]));
    throw error;
  }
  return promised.length > 0 ? filled(answer, promised) : answer;
}

/** The same, each field when the one before it is complete: a mutation's. */
export function resolveInOrder(run: Run, fields: readonly Field[], source: unknown): Bare | Promise<Bare> {
  return fields.reduce<Bare | Promise<Bare>>(
    (answer, field) =>
      answer instanceof Promise ? answer.then((all) => added(run, all, field, source)) : added(run, answer, field, source),
    new Bare(),
  );
}

function added(run: Run, answer: Bare, field: Field, source: unknown): Bare | Promise<Bare> {
  run.goOn();
  const value = resolveField(run, field, source, undefined);
  answer[field.key] = value;
  if (!(value instanceof Promise)) return answer;
  return value.then((settled) => {
    answer[field.key] = settled;
    return answer;
  });
}

async function filled(answer: Bare, keys: readonly string[]): Promise<Bare> {
  const values = await Promise.all(keys.map((key) => answer[key]));
  keys.forEach((key, index) => {
    answer[key] = values[index];
  });
  return answer;
}

function resolveField(run: Run, field: Field, source: unknown, parent: Path | undefined): unknown {
  if (field.isTypename) return field.parentType.name;
  const path: Path = { prev: parent, key: field.key, typename: field.parentType.name };
  const info = run.infoOf(field, path);
  const { resolve } = field;
  try {
    const value = resolve(source, field.argumentsOf(run.variables), run.context, info);
    if (isPromiseLike(value)) return settled(run, field, value, path, info);
    const completed = field.complete(run, field, value, path, info);
    return completed instanceof Promise ? completed.catch((thrown) => run.fail(thrown, field.type, field, path)) : completed;
  } catch (thrown) {
    return run.fail(thrown, field.type, field, path);
  }
}

async function settled(run: Run, field: Field, promise: PromiseLike<unknown>, path: Path, info: GraphQLResolveInfo): Promise<unknown> {
  try {
    const value = await promise;
    run.goOn();
    const completed = field.complete(run, field, value, path, info);
    return completed instanceof Promise ? await completed : completed;
  } catch (thrown) {
    return run.fail(thrown, field.type, field, path);
  }
}
