/**
 * test/e2e/postgres-outage.test.ts: the real bot on a real PostgreSQL that goes away: stopped and started, killed
 * connections, cut commits, no connection left. Asked over HTTP: who calls is told the truth and when to come again, what
 * was answered is kept, and nobody restarts the bot.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fold } from '../../src/engine/evolve.ts';
import { type Answer, eventually, startTestBot, type TestBot } from '../bot/bot.ts';
import { GATES } from '../bot/gates.ts';
import { startServer } from '../fake/postgres.ts';
import { createDatabase, type TestDatabase } from '../fake/postgres-database.ts';
import { cuttingProxy } from '../fake/postgres-proxy.ts';

const botOn = (url: string): Promise<TestBot> => startTestBot({ config: GATES, env: { DATABASE_URL: url } });
const keyed = (bot: TestBot, key: string): Promise<Answer> =>
  bot.call('POST', '/v1/requests', { gate: 'deploy' }, { 'idempotency-key': key });
/** The bot's own connections are gone from one moment to the next. */
const kill = (database: TestDatabase) =>
  database.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );

function expectUnavailable(answer: Answer, what = ''): void {
  expect([answer.status, answer.headers.get('content-type')], `${what} ${answer.text}`).toEqual([
    503,
    expect.stringContaining('application/problem+json'),
  ]);
  expect(answer.headers.get('retry-after'), what).toBe('5');
  expect(answer.json, what).toMatchObject({ status: 503, type: 'urn:countersign:problem:unavailable' });
}

/** Waits longer than other tests do: a server has to come up. */
async function ready(bot: TestBot): Promise<void> {
  for (const end = performance.now() + 30_000; ; await sleep(50)) {
    const { status, text } = await bot.call('GET', '/readyz');
    if (status === 200) return;
    if (performance.now() > end) throw new Error(`not ready again: ${text}`);
  }
}

it('while the server is down every call is told so, and all goes on when it is back', { timeout: 90_000 }, async () => {
  const server = await startServer();
  const bot = await botOn(server.url);
  try {
    const { id } = await bot.opened({ gate: 'deploy-two' });
    const key = randomUUID();
    const kept = await keyed(bot, key);
    const waiting = bot.call('GET', `/v1/requests/${id}/gate?wait=60`);
    const isParked = async () => /^countersign_waiters 1$/m.test((await bot.call('GET', '/metrics')).text);
    await eventually(isParked, 'the long-poll to wait');
    await server.stop();

    const calls: readonly (readonly [method: string, path: string, body?: object])[] = [
      ['POST', '/v1/requests', { gate: 'deploy' }],
      ['POST', `/v1/requests/${id}/votes`, { person: 'ana', option: 'approve' }],
      ['POST', `/v1/requests/${id}/comment`, { person: 'ana', text: 'is it down?' }],
      ['POST', `/v1/requests/${id}/cancel`],
      ['GET', `/v1/requests/${id}`],
      ['GET', `/v1/requests/${id}/gate`],
      ['GET', `/v1/requests/${id}/events`],
      ['GET', '/v1/requests'],
      ['GET', '/v1/deliveries'],
    ];
    for (const [method, path, body] of calls)
      expectUnavailable(await bot.call(method, path, body), `${method} ${path}`);
    expectUnavailable(await keyed(bot, key), 'a replay');
    const fresh = randomUUID();
    const refused = await keyed(bot, fresh);
    expectUnavailable(refused);
    expect(refused.json.detail).toContain('nothing was changed');

    // What is no matter of the database goes on.
    expect((await bot.call('GET', '/healthz')).json).toEqual({ status: 'ok' });
    expect((await bot.call('POST', '/v1/requests', { gate: 'nowhere' })).status).toBe(422);
    expect((await bot.call('GET', '/v1/requests', undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
    const readiness = await bot.call('GET', '/readyz');
    expect([readiness.status, readiness.json]).toEqual([
      503,
      { status: 'not ready', store: 'cannot commit', reason: 'The database can’t be reached.' },
    ]);
    await bot.tick(); // fails, and is tried again

    await server.start();
    await ready(bot);
    expect((await bot.read(id)).votes).toEqual([]);
    const list = await bot.call('GET', '/v1/requests');
    expect(list.json.requests.map((request: { id: string }) => request.id).sort()).toEqual([id, kept.json.id].sort());
    const replay = await keyed(bot, key);
    expect([replay.status, replay.json.id]).toEqual([200, kept.json.id]);
    expect((await keyed(bot, fresh)).status).toBe(201);
    // Who waited all the time hears of it.
    expect((await bot.vote(id, 'ana')).status).toBe(200);
    expect((await bot.vote(id, 'ben')).json.status).toBe('approved');
    expect((await waiting).json.status).toBe('approved');
    expect((await bot.store.verify({ fold })).faults).toEqual([]);
    expect(bot.lines().join('\n')).not.toContain('postgres:test');
  } finally {
    await bot.end();
    await server.remove();
  }
});

it('a bot that is stopped while the server is down ends all the same', { timeout: 60_000 }, async () => {
  const server = await startServer();
  const bot = await botOn(server.url);
  try {
    await bot.opened({ gate: 'deploy', callback: { url: 'http://127.0.0.1:9/x' } });
  } finally {
    await server.stop();
    const began = performance.now();
    await bot.end();
    expect(performance.now() - began).toBeLessThan(10_000);
    await server.remove();
  }
  expect(bot.lines().join('\n')).toContain('stopped without a checkpoint');
});

it('a bot that starts while the server is down says so, and why', async () => {
  const nowhere = 'postgres://bot:hunter2@127.0.0.1:1/countersign';
  const error: unknown = await botOn(nowhere).catch((refusal: unknown) => refusal);
  expect(String(error)).toContain('The database cannot be used now: connect ECONNREFUSED');
  expect(String(error)).not.toContain('hunter2');
});

describe('on a database that is there', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase();
  });
  afterEach(() => database.drop());

  it('what was answered is kept, and once, while the connections are killed all the time', async () => {
    const bot = await botOn(database.url);
    try {
      let isOver = false;
      const killer = (async () => {
        for (let count = 0; count < 30; count++) {
          await sleep(30);
          await kill(database);
        }
        isOver = true;
      })();
      const answered: { readonly id: string; readonly key: string; voted: boolean }[] = [];
      const unanswered: string[] = [];
      const caller = async (): Promise<void> => {
        while (!isOver) {
          const key = randomUUID();
          const opened = await keyed(bot, key);
          if (opened.status !== 201) {
            expectUnavailable(opened);
            unanswered.push(key);
            continue;
          }
          const vote = await bot.vote(opened.json.id, 'ana');
          if (vote.status !== 200) expectUnavailable(vote);
          answered.push({ id: opened.json.id, key, voted: vote.status === 200 });
        }
      };
      await Promise.all([killer, ...Array.from({ length: 8 }, caller)]);
      await ready(bot);
      expect(answered.length).toBeGreaterThan(20);
      for (const { id, key, voted } of answered) {
        const request = await bot.read(id);
        if (voted) expect([request.status, request.votes.length], id).toEqual(['approved', 1]);
        expect((await keyed(bot, key)).json.id).toBe(id);
      }
      for (const key of unanswered) expect([200, 201]).toContain((await keyed(bot, key)).status);
      const [row] = await database.sql<{ requests: string; keys: string }>(
        'select (select count(*) from requests) as requests, (select count(*) from idempotency_keys) as keys',
      );
      const all = String(answered.length + unanswered.length);
      expect(row).toEqual({ requests: all, keys: all });
      expect((await bot.store.verify({ fold })).faults).toEqual([]);
    } finally {
      await bot.end();
    }
  });

  it('a commit whose answer was lost is not called undone, and the same key finds it', async () => {
    const proxy = await cuttingProxy(database.url, 'after');
    const bot = await botOn(proxy.url);
    try {
      const key = randomUUID();
      proxy.arm();
      const answer = await keyed(bot, key);
      expectUnavailable(answer);
      expect(answer.json.detail).toContain('whether it was kept is not known');
      expect(proxy.cuts()).toBe(1);
      const again = await keyed(bot, key);
      expect([again.status, again.headers.get('idempotent-replay')]).toEqual([200, 'true']);

      proxy.arm();
      expectUnavailable(await bot.vote(again.json.id, 'ana'));
      // The server may still be at it when the connection is long gone.
      await eventually(async () => (await bot.read(again.json.id)).status === 'approved', 'the vote to be kept');
    } finally {
      await bot.end();
      await proxy.close();
    }
  });

  it('a transaction that is cut before its commit arrives leaves nothing', async () => {
    const proxy = await cuttingProxy(database.url, 'before');
    const bot = await botOn(proxy.url);
    try {
      const key = randomUUID();
      proxy.arm();
      expectUnavailable(await keyed(bot, key));
      expect(proxy.cuts()).toBe(1);
      expect(await database.sql('select id from requests')).toEqual([]);
      expect((await keyed(bot, key)).status).toBe(201);
    } finally {
      await bot.end();
      await proxy.close();
    }
  });

  it('locks that somebody else holds are waited for so long and no longer', { timeout: 60_000 }, async () => {
    const bot = await botOn(database.url);
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    try {
      const { id } = await bot.opened({ gate: 'deploy' });
      await holder.query('begin; lock table requests, log_end in access exclusive mode');
      const began = performance.now();
      // More readers than there are connections: those who get none are told as well.
      const answers = await Promise.all([
        keyed(bot, randomUUID()),
        bot.vote(id, 'ana'),
        ...Array.from({ length: 30 }, () => bot.call('GET', `/v1/requests/${id}`)),
      ]);
      for (const answer of answers) expectUnavailable(answer);
      expect(performance.now() - began).toBeLessThan(15_000);
      const readiness = await bot.call('GET', '/readyz');
      expect([readiness.status, readiness.json.reason]).toEqual([
        503,
        'The database is too busy: others hold what is needed.',
      ]);
      expect((await bot.call('GET', '/healthz')).status).toBe(200);
      await holder.query('rollback');
      await ready(bot);
      expect((await bot.vote(id, 'ana')).json.status).toBe('approved');
    } finally {
      await holder.end();
      await bot.end();
    }
  });

  it('a server without a connection left, and one that only reads, are named by /readyz', {
    timeout: 60_000,
  }, async () => {
    const role = `bot_${randomUUID().replaceAll('-', '')}`;
    await database.sql(`create role ${role} login password 'hunter2'; grant all on schema public to ${role}`);
    const url = new URL(database.url);
    url.username = role;
    url.password = 'hunter2';
    const bot = await botOn(url.href);
    const reason = async () => (await bot.call('GET', '/readyz')).json.reason;
    try {
      const { id } = await bot.opened({ gate: 'deploy' });
      await database.sql(`alter role ${role} connection limit 0`);
      await kill(database);
      await eventually(
        async () => (await reason()) === 'The database has no connection left for this bot.',
        'the reason',
      );
      expectUnavailable(await bot.vote(id, 'ana'));
      await database.sql(`alter role ${role} connection limit -1`);
      await ready(bot);

      await database.sql(`alter role ${role} password 'another'`);
      await kill(database);
      await eventually(
        async () => (await reason()) === 'The database refuses the bot’s user or password.',
        'the reason',
      );
      await database.sql(`alter role ${role} password 'hunter2'`);
      await ready(bot);

      await database.sql(`alter role ${role} set default_transaction_read_only = on`);
      await kill(database);
      await eventually(
        async () => (await reason()) === 'The database is read-only: it is a standby, or was set to be.',
        'the reason',
      );
      expectUnavailable(await bot.vote(id, 'ana'));
      expect((await bot.read(id)).status).toBe('pending');
      await database.sql(`alter role ${role} reset default_transaction_read_only`);
      await kill(database);
      await ready(bot);
      expect((await bot.vote(id, 'ana')).json.status).toBe('approved');
      expect(bot.lines().join('\n')).not.toContain('hunter2');
    } finally {
      await bot.end();
      await database.sql(`drop owned by ${role} cascade; drop role ${role}`);
    }
  });
});
