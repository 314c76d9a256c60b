/**
 * test/client/scripted-server.ts: an HTTP server that plays a script: each call takes the next scene, and the last one
 * stays. Scenes can answer, hang up, or stay silent, which the real server is too polite to do on request.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApprovalRequest } from '../../src/client/index.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export type Scene = (response: ServerResponse, seen: Seen) => void;

export interface ScriptedServer {
  readonly url: string;
  readonly seen: readonly Seen[];
  stop(): Promise<void>;
}

export async function scripted(script: readonly Scene[] | Scene): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  const server = createServer(async (incoming, response) => {
    let text = '';
    for await (const chunk of incoming) text += chunk;
    const call: Seen = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    const scene = typeof script === 'function' ? script : script[Math.min(seen.length, script.length - 1)];
    seen.push(call);
    scene?.(response, call);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = addressOf(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return address;
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Scene =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

export const problem = (
  status: number,
  detail: string,
  headers: Record<string, string> = {},
  errors?: readonly { path: string; message: string }[],
): Scene =>
  json(
    status,
    { type: 'about:blank', title: 'No', status, detail, ...(errors && { errors }) },
    { 'content-type': 'application/problem+json', ...headers },
  );

export const hangUp: Scene = (response) => {
  response.destroy();
};

export const cutInTheMiddle: Scene = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
  response.write('{"id":"req_1","status":"app', () => response.destroy());
};

/** A server-sent event, as bytes. */
export const sse = (type: string, id: number, data: unknown): string =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;

export const pending = (changes: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  id: 'req_1',
  gate: 'deploy-prod',
  status: 'pending',
  version: 1,
  title: 'Deploy shop 1.4.2 to production',
  requester: 'ben',
  context: {},
  openedAt: '2026-03-01T10:00:00.000Z',
  expiresAt: null,
  paused: false,
  stages: [
    {
      name: 'peer review',
      state: 'open',
      rules: [
        { approvers: ['ana', 'mia'], needed: 1, approvals: 0, rejections: 0, state: 'open', missing: ['ana', 'mia'] },
      ],
    },
  ],
  votes: [],
  outcome: null,
  links: { self: '/v1/requests/req_1', web: 'http://127.0.0.1:3000/requests/req_1' },
  ...changes,
});

export const decided = (status: 'approved' | 'rejected' | 'cancelled', changes: Partial<ApprovalRequest> = {}) =>
  pending({
    status,
    version: 2,
    outcome: {
      status,
      cause: status === 'cancelled' ? 'cancelled' : 'votes',
      option: status === 'cancelled' ? null : status === 'approved' ? 'approve' : 'reject',
      inputs: {},
      reason: status === 'rejected' ? 'Not on a Friday' : null,
      decidedBy: status === 'cancelled' ? [] : ['ana'],
      decidedAt: '2026-03-01T10:05:00.000Z',
    },
    ...changes,
  });
