/** test/cli/doctor/postgres.test.ts: what the doctor says of a PostgreSQL that suits, and of those that don't. */
import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgres } from '../../../src/cli/doctor/postgres.ts';
import { openPostgres } from '../../../src/store/postgres.ts';
import { fold, signer } from '../../contract/requests.ts';
import { createDatabase, type TestDatabase } from '../../fake/postgres-database.ts';
import { testTerminal } from '../test-terminal.ts';

const PASSWORD = 'hunter2';

let database: TestDatabase;
let role: string;
beforeEach(async () => {
  database = await createDatabase();
  role = `doctor_${randomBytes(6).toString('hex')}`;
  await database.sql(`create role ${role} login password '${PASSWORD}'`);
});
afterEach(async () => {
  await database.sql(`drop owned by ${role}; drop role ${role}`);
  await database.drop();
});

async function told(url = database.url, { now = Date.now, hasSecret = true } = {}): Promise<string[]> {
  const findings = await postgres(url, hasSecret, { ...testTerminal({}), now });
  const lines = findings.map(
    ({ mark, text, advice }) => `${mark}: ${text}${advice === undefined ? '' : ` — ${advice}`}`,
  );
  expect(lines.join('\n')).not.toContain(PASSWORD);
  return lines;
}
const troubles = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('ok: '));

/** As the role, with other parts of the address. */
function urlWith(parts: Partial<Pick<URL, 'password' | 'pathname' | 'port' | 'search'>> = {}): string {
  return Object.assign(new URL(database.url), { username: role, password: PASSWORD, ...parts }).href;
}

describe('the doctor', () => {
  it('finds nothing wrong with an empty database, and changes nothing', async () => {
    expect(await told()).toEqual([
      expect.stringMatching(/^ok: PostgreSQL \d+[.\d]*$/),
      'ok: the tables will be made at the first start',
      expect.stringMatching(/^ok: \d+ of 300 connections are free, enough for \d+ more bots$/),
      'ok: its clock and this machine’s agree',
    ]);
    expect(await database.sql(`select 1 from pg_tables where schemaname = 'public'`)).toEqual([]);
  });

  it('knows the version of the tables, and one that is newer than this program', async () => {
    await (await openPostgres({ url: database.url, signer, fold })).close();
    expect(await told()).toContain('ok: tables at version 2');
    await database.sql(`insert into migrations (version, name, applied_at) values (99, 'later', 0)`);
    expect(troubles(await told())).toEqual([
      expect.stringMatching(/^bad: the tables have version 99, .* install that one/),
    ]);
  });

  it('says why it can’t come in, and what to do', async () => {
    const wrong = `${PASSWORD}-not`;
    const cases: readonly (readonly [url: string, said: RegExp])[] = [
      [urlWith({ password: wrong }), /^bad: .*password authentication failed.* — Check both in DATABASE_URL/],
      [urlWith({ pathname: '/not_there' }), /^bad: .*"not_there" does not exist — Make it: createdb/],
      [urlWith({ port: '1' }), /^bad: .*ECONNREFUSED.* — Check that it runs, its host and port/],
      [urlWith({ search: '?sslmode=verify-full' }), /^bad: .*SSL.* — sslmode/],
    ];
    for (const [url, said] of cases) {
      const lines = await told(url);
      expect(lines).toEqual([expect.stringMatching(said)]);
    }
    expect(await told(`postgres://bot:${PASSWORD}%@[`)).toEqual([
      expect.stringMatching(/^bad: DATABASE_URL is no valid address — Special characters/),
    ]);
  });

  it('does not wait for a server that says nothing', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const began = performance.now();
    expect(await told(urlWith({ port: String(port) }))).toEqual([
      expect.stringMatching(/^bad: The database cannot be used now: .*timeout/),
    ]);
    expect(performance.now() - began).toBeLessThan(10_000);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('names a database that can’t hold every text, only reads, or leaves no room', async () => {
    const latin = await createDatabase(`encoding 'LATIN1' template template0`);
    expect(troubles(await told(latin.url))).toEqual([expect.stringMatching(/^bad: the database is in LATIN1/)]);
    await latin.drop();

    const url = urlWith();
    expect(troubles(await told(url))).toEqual([
      expect.stringMatching(/^bad: the tables are not there, and this user may not make them — GRANT CREATE/),
    ]);
    await database.sql(`grant create on schema public to ${role}`);
    expect(troubles(await told(url))).toEqual([]);
    await database.sql(`alter role ${role} connection limit 7`);
    expect(troubles(await told(url))).toEqual([
      expect.stringMatching(/^look: 7 connections are free, and a bot opens up to 11 — Raise max_connections/),
    ]);
    await database.sql(`alter role ${role} connection limit 0`);
    expect(troubles(await told(url))).toEqual([
      expect.stringMatching(/^bad: .*too many connections for role.* — Raise/),
    ]);
    await database.sql(`alter role ${role} connection limit -1`);
    await database.sql(`alter role ${role} set default_transaction_read_only = on`);
    expect(troubles(await told(url))).toEqual([
      expect.stringMatching(/^bad: this database is set to read-only — Take/),
    ]);
  });

  it('compares the clocks, and asks for a secret that replicas share', async () => {
    const minuteAgo = () => Date.now() - 60_000;
    expect(troubles(await told(database.url, { now: minuteAgo, hasSecret: false }))).toEqual([
      expect.stringMatching(/^look: its clock is 60 s ahead of this machine’s — Deadlines go by the database’s clock/),
      expect.stringMatching(/^bad: COUNTERSIGN_SECRET is not set/),
    ]);
  });
});
