/** test/store/file.test.ts: one file, one process, one schema; and who may look at it meanwhile. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/port.ts';
import { connect } from '../../src/store/sqlite/connection.ts';
import { openSqlite, StoreLockedError, StoreVersionError } from '../../src/store/sqlite.ts';
import { fold, NOON, nextId, opening, signer } from '../contract/requests.ts';
import { databaseFile } from './folder.ts';

const clock = () => NOON;

async function open(file: string, options: { readOnly?: boolean } = {}): Promise<Store> {
  const store = await openSqlite({ file, signer, fold, clock, ...options });
  onTestFinished(() => store.close());
  return store;
}

describe('settings of a connection', () => {
  it('are those that make an answered commit survive power loss', () => {
    const connection = connect(databaseFile(), 'write');
    onTestFinished(() => void connection.close());
    const held = (name: string) => connection.pragma(name, { simple: true });
    expect(held('journal_mode')).toBe('wal');
    expect(held('synchronous')).toBe(2);
    expect(held('foreign_keys')).toBe(1);
    expect(held('trusted_schema')).toBe(0);
    expect(held('busy_timeout')).toBeLessThanOrEqual(500);
  });

  it('are refused when SQLite does not keep them', () => {
    const file = databaseFile();
    const other = new Sqlite(file);
    onTestFinished(() => void other.close());
    other.exec('create table t (x); begin exclusive');
    expect(() => connect(file, 'write')).toThrow();
  });

  it('leave the files to their owner alone', async () => {
    const file = databaseFile();
    await open(file);
    for (const suffix of ['', '-wal', '-shm', '.lock']) expect(statSync(file + suffix).mode & 0o077).toBe(0);
  });
});

describe('a second process on one file', () => {
  it('is refused with one clear line, and the first goes on', async () => {
    const file = databaseFile();
    const first = await open(file);
    const second = openSqlite({ file, signer, fold, clock });
    await expect(second).rejects.toThrow(StoreLockedError);
    await expect(second).rejects.toThrow(
      `Another Countersign process uses ${file}: stop it first, or point DATABASE_URL at another file.`,
    );
    await expect(first.open(opening(nextId('req')))).resolves.toMatchObject({ kind: 'decided' });
  });

  it('is refused under another name of the file, too', async () => {
    const file = databaseFile();
    await open(file);
    const link = join(file, '..', 'link.db');
    symlinkSync(file, link);
    await expect(openSqlite({ file: link, signer, fold, clock })).rejects.toThrow(StoreLockedError);
  });

  it('may start once the first has closed', async () => {
    const file = databaseFile();
    await (await open(file)).close();
    await expect(open(file)).resolves.toBeDefined();
  });

  it('may start at once after the first was killed', async () => {
    const file = databaseFile();
    const script = `
      import { openSqlite } from ${JSON.stringify(new URL('../../src/store/sqlite.ts', import.meta.url).href)};
      await openSqlite({ file: process.argv[1], signer: { sign: () => '', verify: () => true }, clock: () => 0 });
      console.log('open');
      setInterval(() => {}, 1_000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await expect(openSqlite({ file, signer, fold, clock })).rejects.toThrow(StoreLockedError);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect(open(file)).resolves.toBeDefined();
  });
});

describe('reading beside a running bot', () => {
  it('sees what is committed, verifies it, and writes nothing', async () => {
    const file = databaseFile();
    const bot = await open(file);
    const id = nextId('req');
    await bot.open(opening(id));
    const reader = await open(file, { readOnly: true });
    expect((await reader.load(id))?.content.id).toBe(id);
    expect((await reader.verify({ fold })).faults).toEqual([]);
    await expect(reader.checkpoint(NOON)).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    await expect(reader.open(opening(nextId('req')))).rejects.toThrow('opened for reading only');
  });

  it('works when the bot is stopped', async () => {
    const file = databaseFile();
    const bot = await open(file);
    await bot.open(opening(nextId('req')));
    await bot.close();
    const reader = await open(file, { readOnly: true });
    expect((await reader.list({ limit: 10 })).requests).toHaveLength(1);
    expect((await reader.deliveries({ limit: 10 })).length).toBe(0);
    await expect(open(file)).resolves.toBeDefined();
  });

  it('does not make a file that is not there', async () => {
    const file = databaseFile();
    await expect(openSqlite({ file, signer, fold, clock, readOnly: true })).rejects.toThrow();
    expect(existsSync(file)).toBe(false);
  });
});

describe('the schema', () => {
  const migrationsIn = (file: string): unknown[] => {
    const connection = new Sqlite(file);
    try {
      return connection.prepare('select version, name, applied_at from migrations').all();
    } finally {
      connection.close();
    }
  };

  it('is made once and recorded', async () => {
    const file = databaseFile();
    await (await open(file)).close();
    await (await openSqlite({ file, signer, fold, clock: () => NOON + 1 })).close();
    expect(migrationsIn(file)).toEqual([
      { version: 1, name: 'first schema', applied_at: NOON },
      { version: 2, name: 'what channels keep', applied_at: NOON },
    ]);
  });

  it('of a newer version is refused, for writing and for reading', async () => {
    const file = databaseFile();
    await (await open(file)).close();
    const connection = new Sqlite(file);
    connection.exec(`insert into migrations values (99, 'from the future', 0)`);
    connection.close();
    for (const readOnly of [false, true]) {
      const opening = openSqlite({ file, signer, fold, clock, readOnly });
      await expect(opening).rejects.toThrow(StoreVersionError);
      await expect(opening).rejects.toThrow('written by a newer Countersign');
    }
  });

  it('of an older version is not read before the bot has brought it up to date', async () => {
    const file = databaseFile();
    new Sqlite(file).exec('create table something (x)').close();
    await expect(openSqlite({ file, signer, fold, clock, readOnly: true })).rejects.toThrow('start the bot once');
  });

  it('keeps its hot questions on their indices', async () => {
    const file = databaseFile();
    await open(file);
    const connection = new Sqlite(file, { readonly: true });
    onTestFinished(() => void connection.close());
    const plan = (query: string): string =>
      connection
        .prepare<[], { detail: string }>(`explain query plan ${query}`)
        .all()
        .map((row) => row.detail)
        .join('; ');
    expect(plan(`select id from requests where due_at <= 1 order by due_at, id limit 10`)).toContain('requests_due');
    expect(plan(`select opened_at from requests where status = 'pending' order by id limit 1`)).toContain(
      'requests_pending',
    );
    const waiting = `state in ('queued', 'failed')`;
    expect(
      plan(`select * from deliveries where target = 'a' and due_at <= 1 and ${waiting} order by due_at, seq limit 1`),
    ).toContain('deliveries_waiting (target=? AND due_at<?)');
    expect(plan(`select target, min(due_at) from deliveries where ${waiting} group by target`)).toContain(
      'COVERING INDEX deliveries_waiting',
    );
  });
});

describe('DATABASE_URL', () => {
  it('names a file, whose folder is made', async () => {
    const file = join(databaseFile(), '..', 'data', 'deep', 'countersign.db');
    const store = await openStore(`sqlite:${file}`, { signer, fold, clock });
    await store.close();
    expect(existsSync(file)).toBe(true);
  });

  it('may ask for memory', async () => {
    const store = await openStore('sqlite::memory:', { signer, fold, clock });
    await expect(store.probe()).resolves.toBeUndefined();
    await store.close();
  });

  it.each(['mysql://bot:hunter2@db/countersign', 'mysql://x', 'countersign.db', 'sqlite:', ''])(
    'is refused in one line that shows no password: %s',
    async (url) => {
      const error: unknown = await openStore(url, { signer, fold, clock }).catch((refusal: unknown) => refusal);
      expect(error).toMatchObject({ name: 'DatabaseUrlError' });
      expect(String(error)).toMatch(
        /^DatabaseUrlError: DATABASE_URL must be sqlite:FILE, sqlite::memory: or postgres:/,
      );
      expect(String(error)).not.toContain('hunter2');
      expect(String(error)).not.toContain('\n');
    },
  );

  it('of PostgreSQL that is no address is refused without showing it', async () => {
    const error: unknown = await openStore('postgres://bot:hunter2@[db/x', { signer, fold, clock }).catch(
      (refusal: unknown) => refusal,
    );
    expect(error).toMatchObject({ name: 'DatabaseUrlError' });
    expect(String(error)).not.toContain('hunter2');
  });
});
