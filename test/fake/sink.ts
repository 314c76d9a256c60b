/**
 * test/fake/sink.ts: a receiver of callbacks and actions on loopback. Verifies Standard Webhooks on its own, as strictly
 * as the specification, records every call, and answers as a test scripts it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { isIPv4 } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** null: the signature holds. Else what is wrong with it. */
  readonly fault: string | null;
}

export type SinkAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Takes the call and says nothing. */
  | 'hang'
  /** Sends the head and the beginning of a body that never ends. */
  | 'stallBody'
  /** Cuts the connection. */
  | 'cut';

export interface Sink {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  /** TCP connections so far. */
  readonly connections: number;
  /** Each answer serves one call; then it is 204 again. */
  script(...answers: readonly SinkAnswer[]): void;
  /** For each call that no script serves. */
  always(answer: (call: Received) => SinkAnswer): void;
  close(): Promise<void>;
}

export interface SinkOptions {
  /** Base64 after `whsec_`. Any one of them has to match. */
  readonly secrets?: readonly string[];
  readonly clock?: () => number;
  readonly host?: string;
}

export async function startSink({
  secrets = [],
  clock = Date.now,
  host = '127.0.0.1',
}: SinkOptions = {}): Promise<Sink> {
  const received: Received[] = [];
  const scripted: SinkAnswer[] = [];
  let answerOf: (call: Received) => SinkAnswer = () => ({ status: 204 });
  let connections = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => undefined);
    request.on('end', () => {
      const bytes = Buffer.concat(parts);
      const call: Received = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: bytes.toString('utf8'),
        fault: faultOf(request.rawHeaders, bytes, secrets, clock()),
      };
      received.push(call);
      const answer = scripted.shift() ?? answerOf(call);
      if (answer === 'hang') return;
      if (answer === 'cut') return void request.socket.destroy();
      if (answer === 'stallBody') return void response.writeHead(200).write('and then');
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sink has no port.');
  const { port } = address;
  return {
    url: `http://${isIPv4(host) ? host : `[${host}]`}:${port}`,
    port,
    received,
    get connections() {
      return connections;
    },
    script: (...answers) => void scripted.push(...answers),
    always(answer) {
      answerOf = answer;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function faultOf(raw: readonly string[], body: Buffer, secrets: readonly string[], now: number): string | null {
  const all = (name: string) => raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === name);
  const [ids, stamps, signatures] = [all('webhook-id'), all('webhook-timestamp'), all('webhook-signature')];
  const [id, stamp, signature] = [ids[0], stamps[0], signatures[0]];
  if (id === undefined || stamp === undefined || signature === undefined) return 'a header is missing';
  if (ids.length > 1 || stamps.length > 1 || signatures.length > 1) return 'a header came twice';
  if (!/^[^\s.]+$/.test(id)) return 'the id is malformed';
  if (!/^[1-9]\d*$/.test(stamp)) return 'the timestamp is malformed';
  if (Math.abs(Math.floor(now / 1000) - Number(stamp)) > 300) return 'the timestamp is out of tolerance';
  const given = signature.split(' ');
  if (!given.every((one) => /^v1,[A-Za-z0-9+/]{43}=$/.test(one))) return 'the signature is malformed';
  const matches = secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const expected = createHmac('sha256', key).update(`${id}.${stamp}.`).update(body).digest();
    return given.some((one) => timingSafeEqual(Buffer.from(one.slice(3), 'base64'), expected));
  });
  return matches ? null : 'no signature matches';
}
