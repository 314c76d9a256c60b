/** test/store/group-commit.test.ts: what arrives together is made durable together, or not at all. */
import { readFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { migrate } from '../../src/store/migrations.ts';
import { StoreUnavailableError } from '../../src/store/port.ts';
import type { Database } from '../../src/store/schema.ts';
import { connect } from '../../src/store/sqlite/connection.ts';
import { SqliteStore } from '../../src/store/sqlite/store.ts';
import { closed, commented, delivery, fold, NOON, nextId, opening, recording, signer } from '../contract/requests.ts';
import { databaseFile } from './folder.ts';

/** A store whose connection the test can hurt. */
async function open() {
  const file = databaseFile();
  const connection = connect(file, 'write');
  const db = new Kysely<Database>({ dialect: new SqliteDialect({ database: connection }) });
  await migrate(db, NOON);
  const warnings: string[] = [];
  const store = new SqliteStore({
    connection,
    db,
    readOnly: false,
    signer,
    fold,
    clock: () => NOON,
    warn: (message) => warnings.push(message),
    snapshot: (read) => read(db, async () => {}),
    release: () => db.destroy(),
  });
  onTestFinished(() => store.close());
  return { file, connection, store, warnings };
}

/** Frames of the write-ahead log that end a transaction: https://www.sqlite.org/fileformat2.html#the_write_ahead_log */
function commitsIn(file: string): number {
  const wal = readFileSync(`${file}-wal`);
  const frame = 24 + wal.readUInt32BE(8);
  const salt = wal.subarray(16, 24);
  let commits = 0;
  for (let at = 32; at + frame <= wal.length; at += frame)
    if (wal.subarray(at + 8, at + 16).equals(salt) && wal.readUInt32BE(at + 4) > 0) commits += 1;
  return commits;
}

const opened = (count: number): string[] => Array.from({ length: count }, () => nextId('req'));

describe('commands of one turn', () => {
  it('share one durable commit', async () => {
    const { file, store } = await open();
    const before = commitsIn(file);
    const ids = opened(32);
    await Promise.all(ids.map((id) => store.open(opening(id, { deliveries: [delivery(id)] }))));
    expect(commitsIn(file) - before).toBe(1);
    const claimed = await store.claim(NOON, 1);
    await Promise.all([
      ...ids.map((id) => store.change(id, recording([closed('approved')]))),
      ...claimed.map((one) => store.settle(one, { kind: 'sent', receipt: null, shownVersion: 1 })),
      store.checkpoint(NOON),
    ]);
    expect(commitsIn(file) - before).toBe(2);
  });

  it('write a request’s row once, however often it changes', async () => {
    const { connection, store } = await open();
    const id = nextId('req');
    await store.open(opening(id));
    connection.exec(`create table written (id text); create trigger t after update on requests
      begin insert into written values (new.id); end`);
    const texts = Array.from({ length: 32 }, (_, index) => String(index));
    await Promise.all(texts.map((text) => store.change(id, recording([commented(text)]))));
    expect(connection.prepare('select count(*) from written').pluck().get()).toBe(1);
    expect(await store.events(id)).toHaveLength(33);
  });

  it('share theirs with the end of a delivery, which waits a little for somebody to come', async () => {
    const { file, store } = await open();
    const ids = opened(2);
    await Promise.all(
      ids.map((id) => store.open(opening(id, { deliveries: [delivery(id, { target: `slack:${id}` })] }))),
    );
    const [first, second] = await store.claim(NOON, 2);
    if (first === undefined || second === undefined) throw new Error('two deliveries are due');
    const sent = { kind: 'sent', receipt: null, shownVersion: 1 } as const;
    const before = commitsIn(file);
    const settled = store.settle(first, sent);
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    expect(commitsIn(file)).toBe(before);
    await Promise.all([settled, ...ids.map((id) => store.change(id, recording([commented('now')])))]);
    expect(commitsIn(file) - before).toBe(1);
    await store.settle(second, sent); // nobody comes, and it is committed all the same
    expect(commitsIn(file) - before).toBe(2);
  });

  it('that change nothing cost no commit', async () => {
    const { file, store } = await open();
    const id = nextId('req');
    await store.open(opening(id));
    const before = commitsIn(file);
    await Promise.all(opened(8).map(() => store.change(id, () => ({ kind: 'none', answer: null }))));
    expect(commitsIn(file)).toBe(before);
  });

  it('are answered only after the commit', async () => {
    const { file, store } = await open();
    const outside = new Sqlite(file, { readonly: true });
    onTestFinished(() => void outside.close());
    const visible = outside.prepare('select count(*) from requests where id = ?').pluck();
    await Promise.all(
      opened(8).map(async (id) => {
        await store.open(opening(id));
        expect(visible.get(id)).toBe(1);
      }),
    );
  });
});

describe('a commit that fails', () => {
  const failures = {
    'the disk is full': {
      hurt: (connection: Sqlite.Database) => connection.pragma('max_page_count = 1'),
      heal: (connection: Sqlite.Database) => connection.pragma('max_page_count = 1000000'),
      cause: /full/,
    },
    'the file is read-only': {
      hurt: (connection: Sqlite.Database) => connection.pragma('query_only = ON'),
      heal: (connection: Sqlite.Database) => connection.pragma('query_only = OFF'),
      cause: /readonly/,
    },
  };

  it.each(Object.entries(failures))('because %s rejects everything, changes nothing and recovers', async (_, how) => {
    const { connection, store } = await open();
    const id = nextId('req');
    await store.open(opening(id, { deliveries: [delivery(id)] }));
    const claimed = await store.claim(NOON, 1);
    const [before, stats] = [await store.load(id), await store.stats()];
    const heard: unknown[] = [];
    store.subscribe((committed) => heard.push(committed));
    // Pages at hand take small rows even where no page can be added.
    const long = 'x'.repeat(20_000);
    const attempt = () => [
      store.change(id, recording([commented(long)])),
      ...opened(16).map((other) => store.open(opening(other, { content: { description: long } }))),
      ...claimed.map((one) => store.settle(one, { kind: 'sent', receipt: long, shownVersion: 2 })),
    ];
    how.hurt(connection);
    const outcomes = await Promise.allSettled(attempt());
    const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : null));
    expect(reasons.every((reason) => reason instanceof StoreUnavailableError)).toBe(true);
    expect(String(reasons[0])).toMatch(how.cause);
    expect(heard).toEqual([]);
    expect(await store.load(id)).toEqual(before);
    expect(await store.stats()).toEqual(stats);
    how.heal(connection);
    await Promise.all(attempt());
    expect((await store.load(id))?.version).toBe(2);
    expect(await store.checkpoint(NOON)).toMatchObject({ size: 18 });
    expect((await store.verify({ fold })).faults).toEqual([]);
    expect((await store.stats()).deliveries).toMatchObject({ queued: 0, sending: 0, sent: 1 });
  });

  it('because somebody else holds the file is over when they let go', async () => {
    const { file, store } = await open();
    const other = new Sqlite(file);
    onTestFinished(() => void other.close());
    other.exec('begin immediate');
    await expect(store.probe()).rejects.toBeInstanceOf(StoreUnavailableError);
    other.exec('rollback');
    await expect(store.probe()).resolves.toBeUndefined();
  });
});

describe('what an operator writes into the file meanwhile', () => {
  it('is noticed: the store goes on from what is stored, not from what it remembers', async () => {
    const { file, store, warnings } = await open();
    const id = nextId('req');
    await store.open(opening(id, { dueAt: NOON }));
    await store.load(id);
    const other = new Sqlite(file);
    onTestFinished(() => void other.close());
    other.exec(`delete from asked; insert into events values (2, '${id}', 2, 'commented', 0, '{}', 'forged')`);
    await store.open(opening(nextId('req')));
    expect(warnings).toEqual(['The database was changed from outside while running.']);
    expect((await store.log(1)).map((event) => event.position)).toEqual([2, 3]);
    expect((await store.verify({ fold })).faults).toEqual([
      { where: `event 2 (${id}, version 2)`, fault: 'the stored text does not match its hash' },
    ]);
  });
});

describe('the tallies', () => {
  it('agree with a count of the tables after a mixed load', async () => {
    const { connection, store } = await open();
    const ids = opened(60);
    await Promise.all(ids.map((id) => store.open(opening(id, { deliveries: [delivery(id, { target: id })] }))));
    const claimed = await store.claim(NOON, 40);
    await Promise.all([
      ...ids.slice(0, 30).map((id) => store.change(id, recording([closed('rejected')], { refreshSurfaces: true }))),
      ...claimed.map((one, index) => {
        if (index % 3 === 0) return store.settle(one, { kind: 'sent', receipt: null, shownVersion: 1 });
        if (index % 3 === 1) return store.settle(one, { kind: 'dead', error: 'no' });
        return store.settle(one, { kind: 'retry', at: NOON, error: 'later' });
      }),
    ]);
    const counted = (table: string, where: string) =>
      connection.prepare(`select count(*) from ${table} where ${where}`).pluck().get();
    const { pending, deliveries } = await store.stats();
    expect(pending).toBe(counted('requests', `status = 'pending'`));
    for (const state of ['queued', 'failed', 'sent', 'dead'] as const)
      expect([state, deliveries[state]]).toEqual([state, counted('deliveries', `state = '${state}'`)]);
  });
});
