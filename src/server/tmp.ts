import { startTestServer, post } from './server.fixture.ts';
const s = await startTestServer();
const r = await post(s.endpoint, { query: '{hello}' });
console.log(r.status, await r.text(), s.seen.logs);
await s.close();
