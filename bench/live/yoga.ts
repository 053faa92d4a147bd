/** A peer: GraphQL Yoga as it comes, its subscriptions fed by `createPubSub`. The mutation stores nothing. Prints its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createPubSub, createYoga } from 'graphql-yoga';

const pubSub = createPubSub<{ changed: [{ kind: string; position: string; order: { status: string; username: string } }] }>();
const text = { type: new GraphQLNonNull(GraphQLString) };
const order = new GraphQLObjectType({ name: 'Order', fields: { status: text, username: text } });
const change = new GraphQLObjectType({ name: 'Change', fields: { kind: text, position: text, order: { type: order } } });
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { hello: text } }),
  mutation: new GraphQLObjectType({
    name: 'Mutation',
    fields: {
      changeUsername: {
        ...text,
        args: { username: text },
        resolve: (_, { username }: { username: string }) => {
          pubSub.publish('changed', { kind: 'CHANGED', position: '1', order: { status: 'OPEN', username } });
          return 'done';
        },
      },
    },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      orderChanged: {
        type: change,
        args: { orderId: text },
        subscribe: () => pubSub.subscribe('changed'),
        resolve: (changed: unknown) => changed,
      },
    },
  }),
});
const server = createServer(createYoga({ schema, logging: false, graphiql: false }));
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
