import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

/** A document made for a schema, with variables that suit it, more or less. */
export interface Made {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Makes a document of choices: the same numbers, the same document. */
export function documentOf(schema: GraphQLSchema, operation: 'query' | 'mutation' | 'subscription', choices: readonly number[]): Made {
  return new Maker(schema, choices).make(operation);
}

const aliases = ['__proto__', 'constructor', 'toJSON', 'then', 'x'];

class Maker {
  readonly #schema: GraphQLSchema;
  readonly #choices: readonly number[];
  readonly #variables = new Map<string, { readonly type: string; readonly value: unknown }>();
  readonly #fragments: string[] = [];
  #at = 0;
  #fields = 0;

  constructor(schema: GraphQLSchema, choices: readonly number[]) {
    this.#schema = schema;
    this.#choices = choices;
  }

  make(operation: 'query' | 'mutation' | 'subscription'): Made {
    const root = {
      query: this.#schema.getQueryType(),
      mutation: this.#schema.getMutationType(),
      subscription: this.#schema.getSubscriptionType(),
    };
    const type = root[operation];
    const body = type ? this.#set(type, 0, operation === 'subscription' ? 1 : 4) : '{ __typename }';
    const declared = [...this.#variables].map(([name, variable]) => `$${name}: ${variable.type}`).join(' ');
    const sent = [...this.#variables].filter(([, { value }]) => value !== undefined).map(([name, { value }]) => [name, value]);
    return {
      document: `${operation} ${declared ? `(${declared}) ` : ''}${body} ${this.#fragments.join(' ')}`,
      variables: Object.fromEntries(sent),
    };
  }

  #pick(below: number): number {
    const choice = this.#choices[this.#at % this.#choices.length] ?? 0;
    // Told apart by where they are used, so that few numbers make much.
    this.#at += 1;
    return (choice + Math.floor(this.#at / this.#choices.length) * 7) % below;
  }

  #one<T>(values: readonly [T, ...T[]] | readonly T[]): T {
    return values[this.#pick(values.length)] as T;
  }

  #set(type: GraphQLNamedType, depth: number, count = 1 + this.#pick(4)): string {
    const selections = Array.from({ length: count }, () => this.#selection(type, depth, count > 1));
    return `{ ${selections.join(' ')} }`;
  }

  #selection(type: GraphQLNamedType, depth: number, isFree: boolean): string {
    const kind = isFree && depth < 5 ? this.#pick(10) : 9;
    if (kind === 0) return `...${this.#condition(type)}${this.#directives()}${this.#set(type, depth + 1)}`;
    if (kind === 1 && isAbstractType(type)) {
      const one = this.#one<GraphQLObjectType>([...this.#schema.getPossibleTypes(type)]);
      return `... on ${one.name}${this.#directives()} ${this.#set(one, depth + 1)}`;
    }
    if (kind === 2) {
      const name = `F${this.#fragments.length}`;
      const at = this.#fragments.push('') - 1;
      this.#fragments[at] = `fragment ${name} on ${type.name} ${this.#set(type, depth + 1)}`;
      return `...${name}${this.#directives()} ...${name}`;
    }
    return kind === 3 ? `__typename${this.#directives()}` : this.#field(type, depth, isFree);
  }

  #condition(type: GraphQLNamedType): string {
    return this.#pick(2) === 0 ? ` on ${type.name}` : '';
  }

  #field(type: GraphQLNamedType, depth: number, isFree: boolean): string {
    const all = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
    const leaves = all.filter((field) => !isCompositeType(getNamedType(field.type)));
    const fields = depth > 5 || this.#fields > 60 ? leaves : all;
    if (fields.length === 0) return '__typename';
    const field = this.#one(fields);
    this.#fields += 1;
    const alias = isFree && this.#pick(3) === 0 ? `${this.#pick(6) === 0 ? this.#one(aliases) : `a${this.#pick(40)}`}: ` : '';
    const given = field.args.map((argument) => this.#argument(argument)).filter((text) => text !== '');
    const below = isCompositeType(getNamedType(field.type)) ? ` ${this.#set(getNamedType(field.type), depth + 1)}` : '';
    return `${alias}${field.name}${given.length > 0 ? `(${given.join(' ')})` : ''}${isFree ? this.#directives() : ''}${below}`;
  }

  #directives(): string {
    const kind = this.#pick(14);
    if (kind > 3) return '';
    const name = kind % 2 === 0 ? 'skip' : 'include';
    return ` @${name}(if: ${this.#pick(3) === 0 ? this.#one(['true', 'false']) : `$${this.#variable('Boolean!', this.#pick(2) === 0)}`})`;
  }

  #variable(type: string, value: unknown): string {
    const known = [...this.#variables].find(([, variable]) => variable.type === type);
    if (known && this.#pick(2) === 0) return known[0];
    const name = `v${this.#variables.size}`;
    this.#variables.set(name, { type, value });
    return name;
  }

  #argument(argument: GraphQLArgument): string {
    if (!isRequiredArgument(argument) && this.#pick(2) === 0) return '';
    if (this.#pick(2) === 0) return `${argument.name}: ${this.#literal(argument.type, 0)}`;
    const fallback = !isNonNullType(argument.type) && this.#pick(3) === 0 ? ` = ${this.#literal(argument.type, 0)}` : '';
    const value = this.#pick(5) === 0 ? undefined : this.#value(argument.type, 0);
    return `${argument.name}: $${this.#variable(`${argument.type}${fallback.includes('$') ? '' : fallback}`, value)}`;
  }

  #literal(type: GraphQLInputType, depth: number): string {
    if (!isNonNullType(type) && this.#pick(6) === 0) return 'null';
    const nullable = getNullableType(type);
    if (isListType(nullable))
      return `[${Array.from({ length: this.#pick(3) }, () => this.#literal(nullable.ofType, depth + 1)).join(' ')}]`;
    if (depth > 0 && this.#pick(8) === 0)
      return `$${this.#variable(String(type), this.#pick(4) === 0 ? undefined : this.#value(type, depth))}`;
    if (isInputObjectType(nullable)) {
      const fields = Object.values(nullable.getFields()).filter(
        (field) => isRequiredInputField(field) || (depth < 3 && this.#pick(3) === 0),
      );
      const chosen = nullable.isOneOf ? Object.values(nullable.getFields()).slice(0, 1) : fields;
      return `{ ${chosen.map((field) => `${field.name}: ${this.#literal(field.type, depth + 1)}`).join(' ')} }`;
    }
    if (isEnumType(nullable)) return this.#one(nullable.getValues()).name;
    return { Int: `${this.#pick(9)}`, Float: '1.5', Boolean: 'true' }[nullable.name] ?? JSON.stringify(`${this.#pick(9)}`);
  }

  #value(type: GraphQLInputType, depth: number): unknown {
    if (this.#pick(7) === 0) return this.#one<unknown>([null, 'x', 1, [], {}]);
    const nullable = getNullableType(type);
    if (isListType(nullable)) return Array.from({ length: this.#pick(3) }, () => this.#value(nullable.ofType, depth + 1));
    if (isInputObjectType(nullable)) {
      const fields = Object.values(nullable.getFields()).filter(
        (field) => isRequiredInputField(field) || (depth < 3 && this.#pick(3) === 0),
      );
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type, depth + 1)]));
    }
    if (isEnumType(nullable)) return this.#one(nullable.getValues()).name;
    return { Int: this.#pick(9), Float: 1.5, Boolean: true }[nullable.name] ?? `${this.#pick(9)}`;
  }
}
