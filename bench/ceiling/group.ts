/**
 * bench/ceiling/group.ts: the least that opens a request durably: parse the body, write the same three rows as ours (a
 * request, an event and a delivery, column by column and about as long), one `synchronous=FULL` commit for all that
 * arrived in one turn of the event loop, answer after it. A vote is one update and one event. No check, no token, no
 * rule, no hash, no index but for ids: what ours costs more is what these are worth.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Sqlite from 'better-sqlite3';
import { v7 } from 'uuid';

const [file = ''] = process.argv.slice(2);
const db = new Sqlite(file);
for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'cache_size = -16384', 'wal_autocheckpoint = 10000'])
  db.pragma(pragma);
db.exec(`
  create table requests (id text primary key, pipeline text not null, gate text not null, status text not null, version integer not null, title text not null, requester text, supersedes_key text, opened_at integer not null, due_at integer, definition text not null, asked text not null, hash text not null, progress text not null);
  create table events (seq integer primary key, request_id text not null, version integer not null, type text not null, at integer not null, data text not null, hash text not null);
  create table deliveries (seq integer primary key, id text not null unique, request_id text not null, kind text not null, channel text not null, target text not null, payload text not null, due_at integer not null, state text not null, attempts integer not null, created_at integer not null, shown_version integer, receipt text, last_error text);
`);
const begin = db.prepare('begin immediate');
const commit = db.prepare('commit');
const insertRequest = db.prepare(
  "insert into requests values (?, 'ci', ?, 'pending', 1, ?, null, null, ?, ?, ?, ?, ?, '')",
);
const insertEvent = db.prepare('insert into events values (null, ?, ?, ?, ?, ?, ?)');
const insertDelivery = db.prepare(
  "insert into deliveries values (null, ?, ?, 'surface', 'slack', ?, ?, ?, 'queued', 0, ?, null, null, null)",
);
const updateRequest = db.prepare('update requests set version = version + 1 where id = ?');

const HOUR = 3_600_000;
/** What ours works out for each request stands here as it is, of the same length. */
const HASH = '7c'.repeat(32);
const DIGEST = `sha256:${HASH}`;
const TITLE = 'Deploy shop 1.4.2 to production';
const ASKED = '["ana","ben","cy"]';
const PAYLOAD = '{"to":{"kind":"channel","id":"C0BENCH"},"viewer":null}';
const RULE = { refs: ['release-managers'], needed: 2, approvers: ['ana', 'ben', 'cy'], standsFor: {} };
const STAGES = [{ name: 'approval', skipped: false, rules: [RULE] }];

let waiting: { write(): void; answer(): void }[] = [];

function flush(): void {
  const group = waiting;
  waiting = [];
  begin.run();
  for (const { write } of group) write();
  commit.run();
  for (const { answer } of group) answer();
}

function inNextCommit(write: () => void, answer: () => void): void {
  if (waiting.length === 0) setImmediate(flush);
  waiting.push({ write, answer });
}

const id = (prefix: string): string => prefix + v7().replaceAll('-', '');

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function openedText(request: string, body: object, at: number): string {
  const content = { id: request, pipeline: 'ci', title: TITLE, ...body, digest: DIGEST };
  return JSON.stringify({ type: 'opened', at, expiresAt: at + HOUR, stages: STAGES, content, gate: DIGEST });
}

function open(text: string, response: ServerResponse): void {
  const body: { readonly gate: string } = JSON.parse(text);
  const request = id('req_');
  inNextCommit(
    () => {
      const now = Date.now();
      insertRequest.run(request, body.gate, TITLE, now, now + HOUR, DIGEST, ASKED, HASH);
      insertEvent.run(request, 1, 'opened', now, openedText(request, body, now), HASH);
      insertDelivery.run(id('dlv_'), request, 'slack:C0BENCH', PAYLOAD, now, now);
    },
    () => send(response, 201, { id: request, gate: body.gate, status: 'pending' }),
  );
}

function vote(request: string, text: string, response: ServerResponse): void {
  const body: object = JSON.parse(text);
  inNextCommit(
    () => {
      updateRequest.run(request);
      insertEvent.run(request, 2, 'voted', Date.now(), JSON.stringify(body), HASH);
    },
    () => send(response, 200, { id: request, status: 'pending' }),
  );
}

function whole(request: IncomingMessage, use: (text: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => use(Buffer.concat(chunks).toString()));
}

const server = createServer((request, response) => {
  const voted = /^\/v1\/requests\/([^/]+)\/votes$/.exec(request.url ?? '')?.[1];
  whole(request, (text) => (voted === undefined ? open(text, response) : vote(voted, text, response)));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ ready: `http://127.0.0.1:${address?.port}` });
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  db.close();
});
