import {
  buildSchema,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isObjectType,
  responsePathAsArray,
} from 'graphql';

/** Every kind of type that a field may have, and arguments of every kind. */
const sdl = `
  enum Mood { HAPPY SAD }
  scalar Any
  input Wish { a: Int = 3, b: [String!], mood: Mood = SAD, more: Wish }
  input Either @oneOf { x: Int, y: String }
  interface Named { name: String, strict: String!, friend: Named }
  type Cat implements Named { name: String, strict: String!, friend: Named, lives: Int, mood: Mood!, kittens: [Cat!]!, any: Any }
  type Dog implements Named { name: String, strict: String!, friend: Named, barks: Boolean!, owner: Person!, bones: [[Int!]] }
  type Person { name: String!, age(in: Int = 1, wish: Wish): Float, pets: [Pet], pet: Pet!, named: [Named!], id: ID }
  union Pet = Cat | Dog
  type Query {
    cat: Cat, person: Person!, pets(first: Int): [Pet!], named: Named
    echo(int: Int, text: String = "t", wish: Wish = { a: 1 }, wishes: [Wish!], either: Either, mood: Mood = HAPPY, must: Boolean! = true): String
    need(id: ID!, list: [Int!]!): [String]
  }
  type Mutation { cat: Cat, person: Person!, echo(int: Int, must: Int!): String, named: [Named!]! }
  type Subscription { cat: Cat!, person: Person }
`;

/** A schema whose resolvers do whatever a resolver may: decided by the place in the answer and a seed, so that it is the same each time. */
export function chaosSchema(seed: number): GraphQLSchema {
  const schema = buildSchema(sdl);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) field.resolve = resolver(seed);
    if (type.name === 'Dog') type.isTypeOf = (_, __, info) => promisedAtTimes(hash(seed, info, 'isTypeOf'), hash(seed, info, 'is') % 8 > 0);
  }
  for (const name of ['Named', 'Pet']) {
    const type = schema.getType(name);
    if (!isAbstractType(type)) continue;
    type.resolveType = (_, __, info) => {
      const n = hash(seed, info, 'type');
      if (n % 41 === 0) throw new Error('No type.');
      const odd = { 7: undefined, 8: 'Person', 9: 'Mood', 10: 'Nobody' };
      const named = n % 30 in odd ? odd[(n % 30) as keyof typeof odd] : n % 2 === 0 ? 'Cat' : 'Dog';
      return promisedAtTimes(n, named);
    };
  }
  return schema;
}

function hash(seed: number, { path }: Pick<GraphQLResolveInfo, 'path'>, salt = ''): number {
  const text = `${seed} ${responsePathAsArray(path).join('.')} ${salt}`;
  let n = 2_166_136_261;
  for (const character of text) n = Math.imul(n ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return (n ^ (n >>> 13)) >>> 0;
}

/** Settles after as many turns as it is told. */
async function later<T>(turns: number, value: () => T): Promise<T> {
  for (let turn = 0; turn < turns; turn += 1) await undefined;
  return value();
}

const promisedAtTimes = <T>(n: number, value: T): T | Promise<T> => ((n >>> 5) % 4 === 0 ? later((n >>> 8) % 5, () => value) : value);

const resolver =
  (seed: number): GraphQLFieldResolver<unknown, unknown> =>
  (_, args, __, info) => {
    const n = hash(seed, info);
    const value = () => givenOf(info.returnType, n, args);
    if (n % 9 === 0) return later((n >>> 4) % 6, value);
    // biome-ignore lint/suspicious/noThenProperty: what is waited for may be no Promise.
    if (n % 47 === 1) return { then: (done: () => void, failed: () => void) => void later((n >>> 4) % 3, value).then(done, failed) };
    return value();
  };

function fail(n: number): unknown {
  if (n % 4 === 0) throw new Error(`failed ${n % 100}`);
  if (n % 4 === 1) return new GraphQLError('returned', { extensions: { code: 'RETURNED', n: n % 100 } });
  if (n % 4 === 2) throw new GraphQLError('thrown', { extensions: { code: 'THROWN' } });
  throw { odd: n % 100 };
}

function givenOf(type: GraphQLOutputType, n: number, args: unknown): unknown {
  if (n % 17 === 0) return fail(n >>> 3);
  if (n % 19 === 0) return n % 2 === 0 ? null : undefined;
  if (n % 43 === 0) return Symbol.iterator;
  const nullable = getNullableType(type);
  if (isListType(nullable)) return listOf(nullable.ofType, n);
  const { name } = getNamedType(type);
  if (name === 'Mood') return n % 11 === 0 ? 'ANGRY' : 'SAD';
  if (name === 'Boolean') return n % 2 === 0;
  if (name === 'Any') return n % 5 === 0 ? null : { any: [n % 10, { deep: true }] };
  if (name === 'Int' || name === 'Float') return n % 13 === 0 ? 'x' : n % 1000;
  return name === 'String' || name === 'ID' ? JSON.stringify(args) : {};
}

function listOf(type: GraphQLOutputType, n: number): unknown {
  const entries = Array.from({ length: n % 4 }, (_, index) => {
    const m = Math.imul(n + index, 2_654_435_761) >>> 0;
    const made = () => givenOf(type, m, {});
    if (m % 5 === 0) return known(later(m % 4, made));
    try {
      return made();
    } catch (error) {
      return error instanceof Error ? error : null;
    }
  });
  if (n % 7 === 3) return inTurn(entries);
  if (n % 7 === 4) return oneByOne(entries, n);
  return entries;
}

/** A promise that may fail before the list comes to it. */
function known<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

async function* inTurn(entries: readonly unknown[]) {
  for (const entry of entries) {
    if (entry instanceof Error) throw entry;
    yield entry;
  }
}

function* oneByOne(entries: readonly unknown[], n: number) {
  yield* entries;
  if (n % 3 === 0) throw new Error('No more.');
}
