/** A peer: GraphQL Yoga as it comes, on the product's own version of graphql. The mutation stores nothing. Prints its port. */
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { resolvers, typeDefs } from './answer.ts';
import { listen } from './listen.ts';

listen(createServer(createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false, graphiql: false })));
