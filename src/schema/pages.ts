import type { GraphQLResolveInfo } from 'graphql';
import type { AnyRow, PageRequest, Table } from '#readtable';
import { type RowConnection, rowConnection } from './connection.ts';
import type { Reads } from './reads.ts';
import { fieldsBelow, nodeFields } from './selection.ts';
import { type Exposed, exposedAs, type Weave } from './weave.ts';

/** Reads a page. Throws `BAD_CURSOR`, and `DOCUMENT_TOO_COSTLY` where the answer has grown too large with it. */
export type ReadPage = (reads: Reads, info: GraphQLResolveInfo, request: PageRequest) => RowConnection | Promise<RowConnection>;

/** A row of another table that each row of a page leads to. */
interface Lead {
  readonly by: string;
  readonly table: Table;
}

/** What is asked of a page's rows. */
interface Wanted {
  readonly columns: readonly string[];
  readonly leads: readonly Lead[];
}

/**
 * Reads pages of an exposed projection: the columns that are asked for, short lists among them, and what each row leads to by a `one`, for all
 * rows at once.
 */
export function pageReader(weave: Weave, exposed: Exposed): ReadPage {
  const known = new WeakMap<ReadonlySet<string>, Wanted>();
  return (reads, info, request) => {
    const budget = reads.budgetOf(info.rootValue);
    const asked = nodeFields(info);
    const { columns, leads } = known.get(asked) ?? wanted(weave, exposed, asked);
    known.set(asked, { columns, leads });
    return reads.read((snapshot) => {
      budget.spend(0);
      const { rows, ...page } = snapshot.page(exposed.table, { ...request, columns });
      budget.spend(rows.length * fieldsBelow(info));
      for (const { table, by } of leads) reads.readAhead(snapshot, table, keysIn(rows, by));
      return rowConnection(exposed.table, request, rows, page);
    });
  };
}

function wanted(weave: Weave, { spec: { relations = {} }, table }: Exposed, asked: ReadonlySet<string>): Wanted {
  const leads = [...asked].flatMap((name) => {
    const relation = relations[name];
    return relation && 'one' in relation ? [{ by: relation.by, table: exposedAs(weave, relation.one).table }] : [];
  });
  const names = new Set([...asked, ...leads.map(({ by }) => by)]);
  return { columns: Object.keys(table.columns).filter((name) => names.has(name)), leads };
}

const keysIn = (rows: readonly AnyRow[], by: string): readonly string[] =>
  rows.map((row) => row[by]).filter((key) => typeof key === 'string');
