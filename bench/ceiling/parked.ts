/** bench/ceiling/parked.ts: the least that lets callers wait: keeps every GET open, and a POST answers them all. */
import { createServer, type ServerResponse } from 'node:http';

const parked: ServerResponse[] = [];
const answer = JSON.stringify({ id: 'req_0', status: 'approved', context: 'x'.repeat(1_000) });

function send(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

const server = createServer((request, response) => {
  if (request.url === '/metrics') return send(response, `countersign_waiters ${parked.length}\n`);
  if (request.method === 'GET') return void parked.push(response);
  request.resume();
  for (const waiting of parked.splice(0)) send(waiting, answer);
  send(response, '{}');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.({ ready: `http://127.0.0.1:${address?.port}` });
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
