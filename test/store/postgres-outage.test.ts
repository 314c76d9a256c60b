/**
 * test/store/postgres-outage.test.ts: PostgreSQL stopped, its backends killed, connections cut at the worst moment, locks
 * that nobody lets go. Nothing is acknowledged that is not kept, nothing is doubled, and nobody restarts anything.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../src/store/port.ts';
import type { PostgresStore } from '../../src/store/postgres/store.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { commented, delivery, fold, NOON, nextId, opening, recording, signer } from '../contract/requests.ts';
import { startServer } from '../fake/postgres.ts';
import { createDatabase, type TestDatabase } from '../fake/postgres-database.ts';
import { cuttingProxy } from '../fake/postgres-proxy.ts';

let database: TestDatabase;
let store: PostgresStore;
const warnings: string[] = [];
const openOn = (url: string) =>
  openPostgres({ url, signer, fold, clock: () => NOON, onWarning: (line) => warnings.push(line) });
beforeEach(async () => {
  warnings.length = 0;
  database = await createDatabase();
  store = await openOn(database.url);
});
afterEach(async () => {
  await store.close();
  await database.drop();
});

const unavailable = { name: 'StoreUnavailableError' };
const keyed = (id: string) => opening(id, { idempotency: { pipeline: 'ci', key: id, bodyDigest: id } });

it('while the server is down nothing is acknowledged, and everything goes on when it is back', {
  timeout: 60_000,
}, async () => {
  const server = await startServer();
  const own = await openOn(server.url);
  try {
    const before = nextId('req');
    await own.open(keyed(before));
    await server.stop();
    const during = nextId('req');
    await expect(own.open(keyed(during))).rejects.toMatchObject(unavailable);
    await expect(own.change(before, recording([commented('x')]))).rejects.toMatchObject(unavailable);
    await expect(own.load(before)).rejects.toMatchObject(unavailable);
    await expect(own.list({ limit: 10 })).rejects.toMatchObject(unavailable);
    await expect(own.stats()).rejects.toMatchObject(unavailable);
    await expect(own.claim(NOON, 10)).rejects.toMatchObject(unavailable);
    const said = String(await own.probe().catch((error: unknown) => error));
    expect(said).toContain('StoreUnavailableError: The database cannot be used now');
    expect(`${said} ${warnings.join(' ')}`).not.toMatch(/postgres:test|:test@/);
    await server.start();
    await expect(own.probe()).resolves.toBeUndefined();
    expect((await own.load(before))?.version).toBe(1);
    expect(await own.load(during)).toBeNull();
    expect((await own.open(keyed(during))).kind).toBe('decided');
    const woken = new Promise((resolve) => own.subscribe(resolve, () => true));
    const other = await openOn(server.url);
    await other.change(before, recording([commented('from elsewhere')]));
    await woken;
    await other.close();
  } finally {
    await own.close();
    await server.remove();
  }
});

it('a database that can’t be reached, or that nobody may enter, is said so without its password', async () => {
  const nowhere = new URL(database.url);
  nowhere.port = '1';
  nowhere.password = 'hunter2';
  const wrong = new URL(database.url);
  wrong.password = 'hunter2';
  const gone = new URL(database.url);
  gone.pathname = '/not_there';
  for (const url of [nowhere, wrong, gone]) {
    const error: unknown = await openOn(url.href).catch((refusal: unknown) => refusal);
    expect(error).toMatchObject(unavailable);
    expect(String(error)).not.toContain('hunter2');
  }
});

it('backends that are killed under load take nothing along that was acknowledged, and double nothing', async () => {
  const kept: string[] = [];
  const refused: string[] = [];
  let isOver = false;
  const killer = (async () => {
    for (let count = 0; count < 25; count++) {
      await sleep(40);
      await database.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()`,
      );
    }
    isOver = true;
  })();
  const worker = async (): Promise<void> => {
    while (!isOver) {
      const id = nextId('req');
      try {
        await store.open(
          opening(id, { deliveries: [delivery(id)], idempotency: { pipeline: 'ci', key: id, bodyDigest: id } }),
        );
        await store.change(id, recording([commented('kept')]));
        kept.push(id);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        refused.push(id);
        await sleep(5);
      }
    }
  };
  await Promise.all([killer, ...Array.from({ length: 16 }, worker)]);
  expect(kept.length).toBeGreaterThan(50);
  for (const id of kept)
    expect(
      (await store.events(id)).map(({ version }) => version),
      id,
    ).toEqual([1, 2]);
  for (const id of refused) {
    const again = await store.open(keyed(id));
    expect(['decided', 'replayed']).toContain(again.kind);
    expect((await store.events(id)).length).toBeLessThanOrEqual(2);
  }
  const verification = await store.verify({ fold });
  expect(verification.faults).toEqual([]);
  const [row] = await database.sql<{ requests: string; pending: string; queued: string; waiting: string }>(
    `select (select count(*) from requests) as requests, t.pending, t.queued,
       (select count(*) from deliveries where state = 'queued') as waiting from tallies t`,
  );
  expect(row?.pending).toBe(row?.requests);
  expect(row?.queued).toBe(row?.waiting);
});

describe('a connection that is cut', () => {
  it('after COMMIT was sent leaves the caller without an answer, and the same key finds the request', async () => {
    const proxy = await cuttingProxy(database.url, 'after');
    const through = await openOn(proxy.url);
    const id = nextId('req');
    proxy.arm();
    await expect(through.open(keyed(id))).rejects.toMatchObject(unavailable);
    expect(proxy.cuts()).toBe(1);
    expect(await through.open(keyed(nextId('req')))).toMatchObject({ kind: 'decided' });
    expect(await through.open({ ...keyed(id), id: nextId('req') })).toMatchObject({ kind: 'replayed' });
    expect(await store.events(id)).toHaveLength(1);
    await through.close();
    await proxy.close();
  });

  it('after COMMIT was sent wakes those who wait all the same', async () => {
    const id = nextId('req');
    await store.open(opening(id));
    const proxy = await cuttingProxy(database.url, 'after');
    const through = await openOn(proxy.url);
    const heard = new Promise<number>((resolve) =>
      through.subscribe(
        ({ state }) => state.version === 2 && resolve(state.version),
        (other) => other === id,
      ),
    );
    await sleep(100);
    proxy.arm();
    await expect(through.change(id, recording([commented('kept')]))).rejects.toMatchObject(unavailable);
    expect(await heard).toBe(2);
    await through.close();
    await proxy.close();
  });

  it('before COMMIT arrived leaves nothing, and the next command finds a new one', async () => {
    const proxy = await cuttingProxy(database.url, 'before');
    const through = await openOn(proxy.url);
    const id = nextId('req');
    proxy.arm();
    await expect(through.open(keyed(id))).rejects.toMatchObject(unavailable);
    expect(await store.load(id)).toBeNull();
    expect(await through.open(keyed(id))).toMatchObject({ kind: 'decided' });
    expect((await store.verify({ fold })).faults).toEqual([]);
    await through.close();
    await proxy.close();
  });
});

it('a lock that nobody lets go, and a pool that is exhausted by it, are waited for so long and no longer', {
  timeout: 60_000,
}, async () => {
  const id = nextId('req');
  await store.open(opening(id));
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query(
    'begin; lock table requests in access exclusive mode; lock table log_end in access exclusive mode',
  );
  const began = performance.now();
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 30 }, () => store.load(id)),
    store.change(id, recording([commented('x')])),
    store.open(opening(nextId('req'))),
  ]);
  expect(performance.now() - began).toBeLessThan(15_000);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable });
  await holder.query('rollback');
  await holder.end();
  expect((await store.load(id))?.version).toBe(1);
  expect(await store.change(id, recording([commented('x')]))).toBe(2);
});

it('a database that only reads is reported, and readable', async () => {
  const id = nextId('req');
  await store.open(opening(id));
  await database.sql(
    `do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`,
  );
  await database.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );
  await sleep(50);
  await expect(store.probe()).rejects.toThrow('read-only');
  await expect(store.open(opening(nextId('req')))).rejects.toMatchObject(unavailable);
  expect((await store.load(id))?.status).toBe('pending');
});
