import type { GraphQLResolveInfo } from 'graphql';
import { type Field, type Leaf, leave, type Path, type Run } from './run.ts';
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
  if (field.leaf && typeof source === 'object' && source !== null) return readLeaf(run, field, field.leaf, source as AnyObject, parent);
  return resolveOne(run, field, source, parent);
}

type AnyObject = Readonly<Record<string, unknown>>;

/** What graphql-js's default resolver does. Most of an answer is made so: arguments, place and all else are made where they are needed. */
function readLeaf(run: Run, field: Field, leaf: Leaf, source: AnyObject, parent: Path | undefined): unknown {
  let value: unknown;
  try {
    value = source[field.name];
    if (typeof value !== 'function' && !isPromiseLike(value)) return leaf(run, field, value);
  } catch (thrown) {
    return run.fail(thrown, field.type, field, pathOf(field, parent));
  }
  if (typeof value === 'function') return resolveOne(run, field, source, parent);
  const path = pathOf(field, parent);
  return settled(run, field, value as PromiseLike<unknown>, path, run.infoOf(field, path));
}

const pathOf = ({ key, parentType }: Field, parent: Path | undefined): Path => ({ prev: parent, key, typename: parentType.name });

function resolveOne(run: Run, field: Field, source: unknown, parent: Path | undefined): unknown {
  const path = pathOf(field, parent);
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
