import type { GraphQLSchema } from 'graphql';
import type { Application, Exposure } from '#application';
import { assert } from '#base';
import { codecOf } from '#command';
import type { AnyRow } from '#readtable';
import { acceptedTypes } from './accepted.ts';
import { type Builder, newBuilder } from './builder.ts';
import { mutations } from './commands.ts';
import { rowConnectionType } from './connection.ts';
import { addEventTypes } from './events.ts';
import { camelCase } from './names.ts';
import { addNodeQueries, addNodeType } from './node.ts';
import { addLogQueries, addQueries } from './queries.ts';
import { rejectionTypes } from './rejections.ts';
import { addRowType } from './rows.ts';
import { addScalars } from './scalars.ts';
import { addChangeKind, addLiveEvents, addLiveRows } from './subscriptions.ts';
import { Types } from './types.ts';
import type { Exposed, Weave } from './weave.ts';

/**
 * Builds an application's GraphQL schema from its data: mutations from commands, object types, queries and live streams from what it
 * exposes. Its resolvers want a `SchemaContext`. Throws `BUG` where the application contradicts itself.
 */
export function buildSchema(application: Application): GraphQLSchema {
  const builder = newBuilder();
  addScalars(builder);
  builder.queryType({ description: 'What can be asked. All of one operation is answered from one moment.' });
  builder.subscriptionType({ description: 'What can be followed, live.' });
  const weave = startWeave(builder, application);
  addLogQueries(weave);
  addLiveEvents(weave);
  addNodeQueries(weave);
  const kind = addChangeKind(builder);
  for (const exposed of weave.exposed.values()) {
    addRowType(weave, exposed);
    addQueries(weave, exposed);
    if (exposed.spec.live) addLiveRows(weave, exposed, kind);
  }
  addMutations(weave, application);
  return builder.toSchema({ sortSchema: false });
}

function startWeave(builder: Builder, application: Application): Weave {
  const types = new Types(builder);
  const codec = codecOf(application);
  const names = new Set(application.exposures.map(({ spec }) => spec.type));
  assert(names.size === application.exposures.length, 'Two exposures have the same type.', 'Give each its own type name.');
  const exposed = new Map(application.exposures.map((exposure) => [exposure.spec.type, declare(builder, exposure)]));
  return { builder, types, codec, exposed, node: addNodeType(builder), event: addEventTypes(builder, codec) };
}

/** Names the types; their fields, which may lead to one another, come when all are named. */
function declare(builder: Builder, { projection: { table }, spec }: Exposure): Exposed {
  const type = builder.objectRef<AnyRow>(spec.type);
  return { spec, table, field: camelCase(spec.type), type, connection: rowConnectionType(builder, spec.type, type) };
}

function addMutations({ builder, types, exposed }: Weave, { commands }: Application): void {
  if (commands.length === 0) return;
  builder.mutationType({ description: 'What can be wished for: each is a command, accepted or refused.' });
  const add = mutations({ builder, types, accepted: acceptedTypes(builder, exposed.values()), rejections: rejectionTypes(builder, types) });
  for (const command of commands) add(command);
}
