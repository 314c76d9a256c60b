/**
 * bench/ceiling/batch.ts: what ceiling/group.ts is for SQLite, on PostgreSQL: parse the body, and write a request, an
 * event and a delivery for all that came while the last ones were written, each table by one `unnest` in one
 * transaction; at most two transactions at once.
 */
import { createServer, type ServerResponse } from 'node:http';
import pg from 'pg';
import { v7 } from 'uuid';

const [url = ''] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 2, pipeline: true });
await pool.query(`
  create table requests (id text primary key, gate text not null, status text not null, version bigint not null, opened_at bigint not null);
  create table events (seq bigserial primary key, request_id text not null, version bigint not null, type text not null, at bigint not null, data text not null);
  create table deliveries (id text primary key, request_id text not null, target text not null, state text not null, due_at bigint not null);
`);

interface Work {
  readonly id: string;
  readonly gate: string;
  readonly data: string;
  readonly response: ServerResponse;
}

let waiting: Work[] = [];
let inFlight = 0;

function flush(): void {
  if (inFlight >= 2 || waiting.length === 0) return;
  const group = waiting;
  waiting = [];
  inFlight += 1;
  void write(group).then(() => {
    inFlight -= 1;
    for (const { id, gate, response } of group) send(response, 201, { id, gate, status: 'pending' });
    flush();
  });
}

async function write(group: readonly Work[]): Promise<void> {
  const client = await pool.connect();
  const ids = group.map(({ id }) => id);
  const now = Date.now();
  await Promise.all([
    client.query('begin'),
    client.query({
      name: 'requests',
      text: `insert into requests select *, 'pending', 1, $3::bigint from unnest($1::text[], $2::text[])`,
      values: [ids, group.map(({ gate }) => gate), now],
    }),
    client.query({
      name: 'events',
      text: `insert into events (request_id, version, type, at, data)
        select id, 1, 'opened', $3::bigint, data from unnest($1::text[], $2::text[]) as w(id, data)`,
      values: [ids, group.map(({ data }) => data), now],
    }),
    client.query({
      name: 'deliveries',
      text: `insert into deliveries select *, 'slack:C0BENCH', 'queued', $3::bigint from unnest($1::text[], $2::text[])`,
      values: [ids.map(() => name('dlv_')), ids, now],
    }),
    client.query('commit'),
  ]);
  client.release();
}

const name = (prefix: string): string => prefix + v7().replaceAll('-', '');

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    const body: { readonly gate: string } = JSON.parse(text);
    if (waiting.length === 0) setImmediate(flush);
    waiting.push({ id: name('req_'), gate: body.gate, data: JSON.stringify(body), response });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.send?.({ ready: `http://127.0.0.1:${port}` });
});
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => void pool.end().then(() => process.exit(0)));
});
