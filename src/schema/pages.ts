import type { GraphQLResolveInfo } from 'graphql';
import { type Awaitable, andThen } from '#base';
import type { AnyRow, PageRequest, Snapshot, Table } from '#readtable';
import { type RowConnection, rowConnection } from './connection.ts';
import type { Reads } from './reads.ts';
import { fieldsBelow, nodeFields } from './selection.ts';
import { type Exposed, exposedAs, type Weave } from './weave.ts';

/** Reads a page. Throws `BAD_CURSOR`, and `DOCUMENT_TOO_COSTLY` where the answer has grown too large with it. */
export type ReadPage = (reads: Reads, info: GraphQLResolveInfo, request: PageRequest) => Awaitable<RowConnection>;

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
      return andThen(snapshot.page(exposed.table, { ...request, columns }), ({ rows, ...page }) => {
        budget.spend(rows.length * fieldsBelow(info));
        const connection = rowConnection(exposed.table, request, rows, page);
        return andThen(follow(reads, snapshot, leads, rows), () => connection);
      });
    });
  };
}

/** Reads what the rows lead to, one table after the other. */
function follow(reads: Reads, snapshot: Snapshot, leads: readonly Lead[], rows: readonly AnyRow[]): Awaitable<void> {
  return leads.reduce<Awaitable<void>>(
    (before, { table, by }) => andThen(before, () => reads.readAhead(snapshot, table, keysIn(rows, by))),
    undefined,
  );
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
