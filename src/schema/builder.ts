import SchemaBuilder, { type InputRef, type OutputRef } from '@pothos/core';
import RelayPlugin from '@pothos/plugin-relay';
import type { Decimal, Position } from '#base';
import type { SchemaContext } from './context.ts';

/** What the GraphQL types hold in memory. */
interface SchemaTypes {
  Context: SchemaContext;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    Position: { Input: Position; Output: Position };
    /** Input is the client's text: a command's schema or a filter reads it. */
    DateTime: { Input: string; Output: Date };
    Decimal: { Input: string; Output: Decimal };
    JSON: { Input: unknown; Output: unknown };
  };
}

/**
 * A Pothos builder with Relay's connections as the API has them. `Node` is not the plugin's: it would cache rows for longer than an
 * operation's snapshot lasts, and make a promise of every id.
 */
export function newBuilder() {
  return new SchemaBuilder<SchemaTypes>({
    plugins: [RelayPlugin],
    defaultFieldNullability: false,
    relay: {
      cursorType: 'String',
      pageInfoTypeOptions: { description: 'Where a page stands among all that there is.' },
      hasNextPageFieldOptions: { description: 'True where there is more after this page.' },
      hasPreviousPageFieldOptions: { description: 'True where there is more before this page.' },
      startCursorFieldOptions: { description: 'Cursor of the first edge; null on an empty page.' },
      endCursorFieldOptions: { description: 'Cursor of the last edge; null on an empty page.' },
      pageInfoFieldOptions: { description: 'Where this page stands.' },
      edgesFieldOptions: { nullable: false, description: 'The page, each entry with its cursor.' },
      nodesOnConnection: { description: 'The page, without cursors.' },
      nodeFieldOptions: { nullable: false, description: 'The entry itself.' },
      cursorFieldOptions: { description: 'Opaque and stable: give it as `after` or `before`.' },
    },
  });
}

/** The one builder of a schema. */
export type Builder = ReturnType<typeof newBuilder>;

/** What the builder's types are, for Pothos's own generics. */
export type BuilderTypes = Builder['$inferSchemaTypes'];

/** The scalars of every schema. */
export type ScalarName = 'ID' | 'String' | 'Int' | 'Float' | 'Boolean' | 'Position' | 'DateTime' | 'Decimal' | 'JSON';

/** Any type of a field, where which one is known only when the schema is built. */
export type AnyOutput = OutputRef | ScalarName;

/** Any type of an argument or input field, likewise. */
export type AnyInput = InputRef | ScalarName;
