/** A peer: Mercurius with its JIT, on Fastify. The mutation stores nothing. Prints its port. */
import fastify from 'fastify';
import mercurius from 'mercurius';
import { resolvers, typeDefs } from '../answer.ts';

const app = fastify();
app.register(mercurius, { schema: typeDefs, resolvers, jit: 1 });
console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
process.on('SIGTERM', () => void app.close());
