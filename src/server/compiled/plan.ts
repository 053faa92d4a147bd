import {
  defaultFieldResolver,
  type ExecutionResult,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  locatedError,
  OperationTypeNode,
  TypeNameMetaFieldDef,
  type VariableValues,
} from 'graphql';
import { argumentsOf } from './arguments.ts';
import { type Choice, collect } from './collect.ts';
import { completionOf, leafOf } from './complete.ts';
import { resolveFields, resolveInOrder } from './fields.ts';
import { type Field, type Given, type Operation, Run } from './run.ts';
import type { Bare } from './values.ts';

/** An operation, compiled: each part of it the first time that an answer needs it. */
export class Plan {
  /** How many fields were compiled so far, one of several types as many times. */
  size = 1;
  readonly #operation: Operation;
  readonly #choice: Choice;
  readonly #root: GraphQLObjectType;
  #fields: readonly Field[] | undefined;

  constructor(operation: Operation, conditions: VariableValues, root: GraphQLObjectType) {
    this.#operation = operation;
    this.#choice = { ...operation, conditions };
    this.#root = root;
  }

  /** Executes the operation; a promise only where a resolver gave one. Never throws. */
  run(given: Given): ExecutionResult | Promise<ExecutionResult> {
    const run = new Run(this.#operation, given);
    try {
      this.#fields ??= this.#fieldsOf(this.#root, [this.#operation.node]);
      const isSerial = this.#operation.node.operation === OperationTypeNode.MUTATION;
      const data = isSerial ? resolveInOrder(run, this.#fields, run.root) : resolveFields(run, this.#fields, run.root, undefined);
      if (!(data instanceof Promise)) return answer(run, data);
      return data.then(
        (all) => answer(run, all),
        (error) => nothing(run, error),
      );
    } catch (error) {
      return nothing(run, error);
    }
  }

  #fieldsOf(type: GraphQLObjectType, nodes: readonly Pick<FieldNode, 'selectionSet'>[]): readonly Field[] {
    const { schema } = this.#choice;
    const places = collect(
      this.#choice,
      type,
      nodes.map(({ selectionSet }) => selectionSet),
    );
    // What the schema does not have is left out, as graphql-js does.
    const fields = [...places].flatMap(([key, [first, ...others]]) => {
      const definition = schema.getField(type, first.name.value);
      return definition ? [this.#field(type, key, definition, [first, ...others])] : [];
    });
    this.size += fields.length;
    return fields;
  }

  #field(
    parentType: GraphQLObjectType,
    key: string,
    definition: GraphQLField<unknown, unknown>,
    nodes: readonly [FieldNode, ...FieldNode[]],
  ): Field {
    return {
      key,
      name: definition.name,
      nodes,
      parentType,
      type: definition.type,
      isTypename: definition === TypeNameMetaFieldDef,
      resolve: definition.resolve ?? defaultFieldResolver,
      argumentsOf: argumentsOf(definition, nodes[0]),
      complete: completionOf(this.#choice.schema, definition.type, (type) => this.#fieldsOf(type, nodes)),
      leaf: definition.resolve ? undefined : leafOf(definition.type),
    };
  }
}

function answer(run: Run, data: Bare | null): ExecutionResult {
  run.end();
  return run.errors.length > 0 ? { errors: run.errors, data } : { data };
}

function nothing(run: Run, thrown: unknown): ExecutionResult {
  run.record(thrown instanceof GraphQLError ? thrown : locatedError(thrown, undefined), undefined);
  return answer(run, null);
}
