/**
 * A peer: PostGraphile 5 by its own server (Grafserv) on node:http, in production mode, its statements prepared and its plans kept, as they come. It serves the tables
 * of a schema, which it finds by itself. Its arguments: the database, the schema, connections. Prints its port.
 */
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { listen } from '../listen.ts';

const [connectionString, schema, connections] = process.argv.slice(2);
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString, schemas: [schema], poolConfig: { max: Number(connections) }, pubsub: false })],
  grafserv: { graphiql: false, watch: false },
});
const server = createServer();
server.once('close', () => void instance.release());
await instance.createServ(grafserv).addTo(server);
listen(server);
