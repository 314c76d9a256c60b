/** test/fake/directory-server.ts: an HTTP directory or on-call schedule on loopback that answers, or misbehaves, as it is told. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

export type DirectoryAnswer =
  | { readonly json: unknown; readonly status?: number; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly text: string;
      readonly type?: string;
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Takes the call and says nothing. */
  | 'hang'
  /** A byte now and then, for ever. */
  | 'drip'
  /** So many bytes of JSON, as fast as they are taken. */
  | { readonly bytes: number }
  /** Cuts the connection. */
  | 'cut';

export interface DirectoryServer {
  readonly url: string;
  readonly port: number;
  readonly asked: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** Bytes that were taken of the last flood. */
  readonly taken: number;
  answer: DirectoryAnswer | ((path: string) => DirectoryAnswer);
  close(): Promise<void>;
}

export async function startDirectoryServer(first: DirectoryServer['answer']): Promise<DirectoryServer> {
  const asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push({ path, headers: request.headers });
    void serve(response, typeof state.answer === 'function' ? state.answer(path) : state.answer);
  });

  async function serve(response: ServerResponse, answer: DirectoryAnswer): Promise<void> {
    if (answer === 'hang') return;
    if (answer === 'cut') return void response.destroy();
    if (answer === 'drip') {
      response.writeHead(200, { 'content-type': 'application/json' });
      const dripping = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(dripping));
      return;
    }
    if ('bytes' in answer) {
      response.writeHead(200, { 'content-type': 'application/json' });
      state.taken = 0;
      const chunk = Buffer.alloc(65_536, 0x20);
      const closed = new Promise((done) => response.once('close', done));
      while (state.taken < answer.bytes && !response.destroyed) {
        state.taken += chunk.length;
        if (!response.write(chunk)) await Promise.race([new Promise((next) => response.once('drain', next)), closed]);
      }
      return void response.end('[]');
    }
    const [body, type] =
      'json' in answer ? [JSON.stringify(answer.json), 'application/json'] : [answer.text, answer.type ?? 'text/plain'];
    response.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers });
    response.end(body);
  }

  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const state = {
    answer: first,
    taken: 0,
    asked,
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return state;
}
