import { type AnyRow, cursorOf, type Page, type PageRequest, type Table } from '#readtable';
import type { AnyOutput, Builder } from './builder.ts';

/** A page of nodes, each with its cursor. */
export interface Connection<Node> {
  readonly edges: { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** A page of rows. */
export interface RowConnection extends Connection<AnyRow> {
  readonly table: Table;
  readonly request: PageRequest;
}

/** A page of rows as the API has it. */
export function rowConnection(
  table: Table,
  request: PageRequest,
  rows: readonly AnyRow[],
  { hasNextPage, hasPreviousPage }: Omit<Page, 'rows'>,
): RowConnection {
  const edges = rows.map((row) => new RowEdge(table, request, row));
  return { table, request, edges, pageInfo: pageInfo(edges, hasNextPage, hasPreviousPage) };
}

/** Where a page of edges stands. */
export function pageInfo(
  edges: readonly { readonly cursor: string }[],
  hasNextPage: boolean,
  hasPreviousPage: boolean,
): Connection<unknown>['pageInfo'] {
  return {
    hasNextPage,
    hasPreviousPage,
    get startCursor() {
      return edges[0]?.cursor ?? null;
    },
    get endCursor() {
      return edges.at(-1)?.cursor ?? null;
    },
  };
}

/** A row on its page; the cursor is made where it is asked for. */
class RowEdge {
  readonly node: AnyRow;
  readonly #table: Table;
  readonly #request: PageRequest;

  constructor(table: Table, request: PageRequest, node: AnyRow) {
    this.#table = table;
    this.#request = request;
    this.node = node;
  }

  get cursor(): string {
    return cursorOf(this.#table, this.#request, this.node);
  }
}

/** The connection type of an exposed type's rows, with a count that is made only where it is selected. */
export function rowConnectionType(builder: Builder, type: string, node: AnyOutput) {
  return builder.connectionObject<AnyOutput, RowConnection>(
    {
      name: `${type}Connection`,
      type: node,
      description: `A page of objects of the type ${type}.`,
      fields: (t) => ({
        totalCount: t.field({
          type: 'Int',
          description: 'How many there are on all pages together.',
          resolve: ({ table, request: { conditions } }, _, { reads }) => reads.read((snapshot) => snapshot.count(table, conditions)),
        }),
      }),
    },
    { description: `One ${type} on its page.` },
  );
}
