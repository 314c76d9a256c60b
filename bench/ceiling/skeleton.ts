/**
 * bench/ceiling/skeleton.ts: the least that takes a request through its whole life with the same durability: open,
 * message to the chat, signed click, signed callback and message update. Four commits for each, `synchronous=FULL`,
 * shared by all that arrives in one turn of the event loop. No directory, no rule, no retry, no audit, no page.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Sqlite from 'better-sqlite3';
import { Agent, request as call } from 'undici';
import { v7 } from 'uuid';
import { CALLBACK_SECRET, CLICK_SECRET } from '../traffic.ts';

const [file = '', chat = ''] = process.argv.slice(2);
const db = new Sqlite(file);
for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'cache_size = -16384', 'wal_autocheckpoint = 10000'])
  db.pragma(pragma);
db.exec(`
  create table requests (id text primary key, gate text not null, status text not null, callback text not null, body text not null, ts text, opened_at integer not null);
  create table events (seq integer primary key, request_id text not null, type text not null, at integer not null, data text not null);
  create table deliveries (id text primary key, request_id text not null, target text not null, state text not null);
`);
const begin = db.prepare('begin immediate');
const commit = db.prepare('commit');
const insertRequest = db.prepare("insert into requests values (?, ?, 'pending', ?, ?, null, ?)");
const insertEvent = db.prepare('insert into events values (null, ?, ?, ?, ?)');
const insertDelivery = db.prepare("insert into deliveries values (?, ?, ?, 'queued')");
const settleDelivery = db.prepare("update deliveries set state = 'sent' where id = ?");
const setShown = db.prepare('update requests set ts = ? where id = ?');
const decide = db.prepare<[string], { callback: string; ts: string }>(
  "update requests set status = 'approved' where id = ? and status = 'pending' returning callback, ts",
);

let waiting: { write(): void; done(): void }[] = [];

function flush(): void {
  const group = waiting;
  waiting = [];
  begin.run();
  for (const { write } of group) write();
  commit.run();
  for (const { done } of group) done();
}

function inNextCommit<Result>(write: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    if (waiting.length === 0) setImmediate(flush);
    let result: Result;
    waiting.push({
      write: () => {
        result = write();
      },
      done: () => resolve(result),
    });
  });
}

const dispatcher = new Agent({ connections: 64, pipelining: 1 });
const key = Buffer.from(CALLBACK_SECRET.slice('whsec_'.length), 'base64');
const id = (prefix: string): string => prefix + v7().replaceAll('-', '');

async function post(url: string, body: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await call(url, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return answer.body.text();
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

async function open(text: string, response: ServerResponse): Promise<void> {
  const { gate, callback }: { readonly gate: string; readonly callback: { readonly url: string } } = JSON.parse(text);
  const request = id('req_');
  const message = id('dlv_');
  await inNextCommit(() => {
    const now = Date.now();
    insertRequest.run(request, gate, callback.url, text, now);
    insertEvent.run(request, 'opened', now, text);
    insertDelivery.run(message, request, chat);
  });
  send(response, 201, { id: request, gate, status: 'pending' });
  const shown = JSON.stringify({ kind: 'post', request, channel: gate, text: `Deploy? ${gate}`, buttons: ['approve'] });
  const { ts }: { readonly ts: string } = JSON.parse(await post(chat, shown));
  await inNextCommit(() => {
    settleDelivery.run(message);
    setShown.run(ts, request);
  });
}

/** As Slack signs: https://docs.slack.dev/authentication/verifying-requests-from-slack */
function isGenuine(headers: IncomingMessage['headers'], text: string): boolean {
  const at = headers['x-slack-request-timestamp'];
  const due = createHmac('sha256', CLICK_SECRET).update(`v0:${at}:${text}`).digest();
  const given = Buffer.from(String(headers['x-slack-signature']).slice('v0='.length), 'hex');
  return given.length === due.length && timingSafeEqual(given, due) && Math.abs(Date.now() / 1000 - Number(at)) < 300;
}

async function click(request: string, text: string, headers: IncomingMessage['headers'], response: ServerResponse) {
  if (!isGenuine(headers, text)) return send(response, 401, {});
  const { person }: { readonly person: string } = JSON.parse(text);
  const callback = id('dlv_');
  const decided = await inNextCommit(() => {
    const row = decide.get(request);
    if (row === undefined) return null;
    insertEvent.run(request, 'approved', Date.now(), JSON.stringify({ person }));
    insertDelivery.run(callback, request, row.callback);
    return row;
  });
  send(response, decided === null ? 409 : 200, { id: request, status: 'approved' });
  if (decided === null) return;
  const update = { kind: 'update', request, ts: decided.ts, text: `Approved by ${person}` };
  const body = JSON.stringify({
    type: 'request.approved',
    timestamp: new Date().toISOString(),
    data: { id: request, status: 'approved', decidedBy: [person] },
  });
  const at = String(Math.floor(Date.now() / 1000));
  const signature = `v1,${createHmac('sha256', key).update(`${callback}.${at}.${body}`).digest('base64')}`;
  const told = post(decided.callback, body, {
    'webhook-id': callback,
    'webhook-timestamp': at,
    'webhook-signature': signature,
  });
  await Promise.all([post(chat, JSON.stringify(update)), told]);
  await inNextCommit(() => settleDelivery.run(callback));
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    const clicked = /^\/v1\/requests\/([^/]+)\/votes$/.exec(request.url ?? '')?.[1];
    void (clicked === undefined ? open(text, response) : click(clicked, text, request.headers, response));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ ready: `http://127.0.0.1:${address?.port}` });
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void dispatcher.destroy();
  db.close();
});
