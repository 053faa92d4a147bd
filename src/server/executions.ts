import { type ASTNode, type DocumentNode, getOperationAST, Kind, type VariableNode, visit } from 'graphql';

/** An operation as it is asked for; its variables as they were sent. */
interface Operation {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
}

interface Known {
  readonly number: number;
  /** By operation: the variables that its results depend on. */
  readonly variables: Map<string, readonly string[]>;
}

/**
 * Names a subscription's execution by all that its results depend on: subscribers of the same name share it. The arguments of the operation's own
 * field are left out: its feed says what they came to, and where a reader begins is its own affair.
 */
export class ExecutionNames {
  readonly #documents = new WeakMap<DocumentNode, Known>();
  #count = 0;

  /** @param rest what else the results depend on */
  nameOf({ document, operationName, variableValues }: Operation, ...rest: readonly string[]): string {
    const known = this.#documents.get(document) ?? { number: ++this.#count, variables: new Map() };
    this.#documents.set(document, known);
    const operation = operationName ?? '';
    const names = known.variables.get(operation) ?? variablesBelow(document, operationName);
    known.variables.set(operation, names);
    const values = variableValues ?? {};
    const given = names.map((name: string) => (Object.hasOwn(values, name) ? [values[name]] : []));
    return JSON.stringify([known.number, operation, given, ...rest]);
  }
}

/** The variables that are used anywhere but in the arguments of the operation's own fields. */
function variablesBelow(document: DocumentNode, operationName: string | null | undefined): readonly string[] {
  const operation = getOperationAST(document, operationName);
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const fields = operation?.selectionSet.selections ?? [];
  const names = new Set<string>();
  const collect = (part: ASTNode | undefined): void => {
    if (part) visit(part, { Variable: ({ name }: VariableNode) => void names.add(name.value) });
  };
  for (const part of [...fragments, ...(operation?.directives ?? [])]) collect(part);
  for (const field of fields) {
    for (const part of field.directives ?? []) collect(part);
    collect(field.kind === Kind.FIELD ? field.selectionSet : field);
  }
  return [...names].sort();
}
