/**
 * test/adapters/slack/inbound/socket-mode.ts: the side of Socket Mode that Slack has: gives out addresses of sockets,
 * says hello, sends envelopes and hears their acks. Every other call goes on to the local Slack.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { z } from 'zod';

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455, 1.3
const OPCODE = { text: 0x1, close: 0x8, ping: 0x9, pong: 0xa } as const;

const Ack = z.object({ envelope_id: z.string(), payload: z.record(z.string(), z.unknown()) });

export interface SocketMode {
  /** The Web API's base. */
  readonly apiUrl: string;
  readonly appToken: string;
  /** Sockets that are open now, and that were ever asked for. */
  readonly open: number;
  readonly asked: number;
  /** What asking for a socket comes to; 'drop' cuts the line, null: it goes well. */
  trouble: { readonly status: number; readonly body: object } | 'drop' | null;
  /** One call to the app; resolves with the ack's payload, null where it has none. */
  deliver(type: 'interactive' | 'slash_commands' | 'events_api', payload: object): Promise<unknown>;
  /** Renews the connections, as Slack does now and then. */
  refresh(): void;
  cut(): void;
  close(): Promise<void>;
}

/** @param webApiUrl of the local Slack */
export async function startSocketMode(webApiUrl: string): Promise<SocketMode> {
  const appToken = 'xapp-1-A0APP-a-secret';
  const sockets = new Set<Duplex>();
  const waiting = new Map<string, (payload: unknown) => void>();
  let asked = 0;
  let count = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const json = { 'content-type': 'application/json' };
    const { authorization = '', 'content-type': contentType = '' } = request.headers;
    if (request.url === '/api/apps.connections.open') {
      asked += 1;
      if (mode.trouble === 'drop') return void response.destroy();
      const isKnown = authorization === `Bearer ${appToken}`;
      const good = isKnown
        ? { ok: true, url: `${base.replace('http', 'ws')}/link` }
        : { ok: false, error: 'invalid_auth' };
      response.writeHead(mode.trouble?.status ?? 200, json).end(JSON.stringify(mode.trouble?.body ?? good));
      return;
    }
    const url = webApiUrl + (request.url ?? '').replace(/^\/api\//, '');
    const answer = await fetch(url, { method: 'POST', headers: { authorization, 'content-type': contentType }, body });
    response.writeHead(answer.status, json).end(await answer.text());
  }

  function hear(text: string): void {
    const { envelope_id: id, payload } = Ack.parse(JSON.parse(text));
    waiting.get(id)?.(Object.keys(payload).length === 0 ? null : payload);
  }

  function connect(request: IncomingMessage, socket: Duplex): void {
    const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}${MAGIC}`).digest('base64');
    const head = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: Upgrade'];
    socket.write(`${head.join('\r\n')}\r\nsec-websocket-accept: ${key}\r\n\r\n`);
    sockets.add(socket);
    let rest = Buffer.alloc(0);
    socket.on('data', (part: Buffer) => {
      rest = Buffer.concat([rest, part]);
      for (let frame = readFrame(rest); frame !== null; frame = readFrame(rest)) {
        rest = rest.subarray(frame.length);
        if (frame.opcode === OPCODE.ping) socket.write(frameOf(OPCODE.pong, frame.payload));
        if (frame.opcode === OPCODE.close) socket.end(frameOf(OPCODE.close, frame.payload));
        if (frame.opcode === OPCODE.text) hear(frame.payload.toString());
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    say(socket, { type: 'hello', num_connections: sockets.size, connection_info: { app_id: 'A0APP' } });
  }

  const server = createServer((request, response) => void serve(request, response));
  server.on('upgrade', connect);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const base = `http://127.0.0.1:${address.port}`;

  const mode: SocketMode = {
    apiUrl: `${base}/api/`,
    appToken,
    trouble: null,
    get open() {
      return sockets.size;
    },
    get asked() {
      return asked;
    },
    deliver(type, payload) {
      const [socket] = sockets;
      if (socket === undefined) return Promise.reject(new Error('no socket is open'));
      count += 1;
      const id = `envelope-${count}`;
      const acked = new Promise<unknown>((resolve) => waiting.set(id, resolve));
      say(socket, { envelope_id: id, type, payload, accepts_response_payload: type !== 'events_api' });
      return acked;
    },
    refresh() {
      for (const socket of sockets) say(socket, { type: 'disconnect', reason: 'refresh_requested' });
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      mode.cut();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
  return mode;
}

const say = (socket: Duplex, message: object): void =>
  void socket.write(frameOf(OPCODE.text, Buffer.from(JSON.stringify(message))));

/** One frame of less than 64 KiB, as servers send them: whole and unmasked (RFC 6455, 5.2). */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const first = 0x80 | opcode;
  const { length } = payload;
  const head = length < 126 ? [first, length] : [first, 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), payload]);
}

/** One frame, as clients send them: whole and masked; null: not all of it is there. */
function readFrame(
  buffer: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly length: number } | null {
  if (buffer.length < 4) return null;
  const [first = 0, second = 0] = buffer;
  const isLong = (second & 0x7f) === 126;
  const start = isLong ? 4 : 2;
  const size = isLong ? buffer.readUInt16BE(2) : second & 0x7f;
  const length = start + 4 + size;
  if (buffer.length < length) return null;
  const mask = buffer.subarray(start, start + 4);
  const payload = Buffer.from(buffer.subarray(start + 4, length).map((byte, i) => byte ^ (mask[i % 4] ?? 0)));
  return { opcode: first & 0x0f, payload, length };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  return Buffer.concat(parts).toString();
}
