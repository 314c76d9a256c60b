/** test/fake/postgres-proxy.ts: a network between a store and its database that breaks at the worst moment. */
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';

/**
 * Once armed, cuts the next connection at its COMMIT: `before` the server has it, or `after`, so that it is kept and
 * nobody hears of it.
 */
export async function cuttingProxy(databaseUrl: string, moment: 'before' | 'after') {
  const to = new URL(databaseUrl);
  let isArmed = false;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const server: NetServer = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}); // cut on purpose
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk) => {
      // One statement alone commits itself.
      const isCommit = isArmed && (chunk.includes('commit\0') || chunk.includes('countersign_write_'));
      if (!isCommit) return upstream.write(chunk);
      isArmed = false;
      cuts += 1;
      client.destroy();
      // What was sent arrives, and nobody hears the answer.
      if (moment === 'after') upstream.end(chunk);
      else upstream.destroy();
      return true;
    });
    upstream.on('data', (chunk) => !client.destroyed && client.write(chunk));
    client.on('close', () => moment === 'before' && upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(databaseUrl);
  url.port = String(typeof address === 'object' && address !== null ? address.port : 0);
  return {
    url: url.href,
    arm: () => {
      isArmed = true;
    },
    cuts: () => cuts,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
