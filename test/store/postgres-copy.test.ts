/** test/store/postgres-copy.test.ts: a store moved from SQLite to PostgreSQL, by function and by command. */
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deriveKeys } from '../../src/bot/keys.ts';
import { run } from '../../src/cli/program.ts';
import { copyStore } from '../../src/store/copy.ts';
import type { Store } from '../../src/store/port.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { testTerminal } from '../cli/test-terminal.ts';
import {
  closed,
  commented,
  delivery,
  fold,
  gate,
  NOON,
  nextId,
  opening,
  recording,
  signer,
} from '../contract/requests.ts';
import { createDatabase, type TestDatabase } from '../fake/postgres-database.ts';
import { databaseFile } from './folder.ts';

const clock = () => NOON;
let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

/** A little of everything that a store holds. */
async function fill(store: Store): Promise<{ readonly pending: string; readonly decided: string }> {
  const [pending, decided] = [nextId('req'), nextId('req')];
  const idempotency = { pipeline: 'ci', key: 'run-7', bodyDigest: 'a' };
  const content = { title: 'Größe “80 %” \\ {a,"b"} \n👍', context: { deep: [{ 'a"b': null }, 1.5, ''] } };
  await store.open(opening(pending, { idempotency, content, deliveries: [delivery(pending), delivery(pending)] }));
  await store.open(
    opening(decided, { gate: { ...gate, name: 'other' }, deliveries: [delivery(decided, { target: 'b' })] }),
  );
  await store.change(decided, recording([commented('one'), closed('approved')]));
  await store.checkpoint(NOON);
  const [first] = await store.claim(NOON, 1);
  if (first !== undefined) await store.settle(first, { kind: 'sent', receipt: { ts: '1' }, shownVersion: 1 });
  for (let count = 0; count < 600; count++) await store.change(pending, recording([commented(`${count}`)]));
  return { pending, decided };
}

describe('a copied store', () => {
  it('is the same to everybody who asks it, and goes on from there', async () => {
    const file = databaseFile();
    const source = await openSqlite({ file, signer, fold, clock });
    const { pending, decided } = await fill(source);
    const ask = async (store: Store) => ({
      states: [await store.load(pending), await store.load(decided)],
      log: await store.log(0),
      checkpoints: await store.checkpoints(),
      deliveries: (await store.deliveries({ limit: 10 })).map(({ fence: _, ...rest }) => rest),
      stats: await store.stats(),
      asked: (await store.list({ approver: 'ana', limit: 10 })).requests.length,
    });
    const before = await ask(source);
    await source.close();
    const tables: string[] = [];
    const copied = await copyStore({ file, url: database.url, signer, fold, onTable: (name) => tables.push(name) });
    expect(copied.rows).toMatchObject({ requests: 2, events: 604, deliveries: 3, checkpoints: 1, definitions: 2 });
    expect(copied.verification.faults).toEqual([]);
    expect(tables).toContain('idempotency_keys');
    const target = await openPostgres({ url: database.url, signer, fold, clock });
    expect(await ask(target)).toEqual(before);
    const idempotency = { pipeline: 'ci', key: 'run-7', bodyDigest: 'a' };
    expect((await target.open(opening(nextId('req'), { idempotency }))).kind).toBe('replayed');
    const next = nextId('req');
    await target.open(opening(next, { deliveries: [delivery(next, { target: 'c' })] }));
    await target.change(pending, recording([closed('rejected')]));
    expect((await target.claim(NOON, 10)).map(({ target: to }) => to)).toEqual(['slack:C0RELEASES', 'b', 'c']);
    expect(await target.checkpoint(NOON)).toMatchObject({ size: 606 });
    expect((await target.verify({ fold })).faults).toEqual([]);
    await target.close();
  });

  it('is refused where something is already, and while a process uses the source', async () => {
    const file = databaseFile();
    const source = await openSqlite({ file, signer, fold, clock });
    await fill(source);
    const copy = () => copyStore({ file, url: database.url, signer, fold });
    await expect(copy()).rejects.toMatchObject({ name: 'StoreLockedError' });
    await source.close();
    await copy();
    await expect(copy()).rejects.toThrow('The target is not empty');
    const [row] = await database.sql<{ count: string }>('select count(*) from events');
    expect(row?.count).toBe('604');
  });

  it('is not made of a trail that is not whole', async () => {
    const file = databaseFile();
    const source = await openSqlite({ file, signer, fold, clock });
    await fill(source);
    await source.close();
    const { default: Sqlite } = await import('better-sqlite3');
    const shell = new Sqlite(file);
    shell.exec(`update events set data = replace(data, '"one"', '"two"') where seq = 3`);
    shell.close();
    await expect(copyStore({ file, url: database.url, signer, fold })).rejects.toThrow(
      /The trail of the source is not whole, so it is not copied: event 3 /,
    );
    expect(await database.sql(`select 1 from pg_tables where tablename = 'events'`)).toEqual([]);
  });
});

describe('countersign store', () => {
  const secret = 'a-secret-of-at-least-32-characters!';
  const env = (url: string) => ({ DATABASE_URL: url, COUNTERSIGN_SECRET: secret });
  const command = async (argv: readonly string[], variables: Record<string, string>) => {
    const terminal = testTerminal(variables);
    const exit = await run(argv, terminal);
    return { exit, out: terminal.stdout(), said: terminal.stderr() };
  };

  it('copies, and checks either store', async () => {
    const file = databaseFile();
    const store = await openSqlite({ file, signer: deriveKeys(secret).checkpoints, fold, clock });
    await store.close();
    const url = `sqlite:${file}`;
    expect(await command(['store', 'check'], env(url))).toMatchObject({ exit: 0 });
    const copied = await command(['store', 'copy', '--from', url, '--to', database.url], env(url));
    expect(copied, copied.said).toMatchObject({ exit: 0 });
    const checked = await command(['store', 'check', '--json'], env(database.url));
    expect(JSON.parse(checked.out)).toMatchObject({ schema: 2, pending: 0, events: 0, faults: [] });
  });

  it('takes the address of the copy from the environment, so that its password is in no process list', async () => {
    const file = databaseFile();
    await (await openSqlite({ file, signer: deriveKeys(secret).checkpoints, fold, clock })).close();
    const from = `sqlite:${file}`;
    const copied = await command(['store', 'copy', '--from', from, '--to-env', 'TARGET'], {
      ...env(from),
      TARGET: database.url,
    });
    expect(copied, copied.said).toMatchObject({ exit: 0 });
    expect(copied.said).not.toContain('process list');
    for (const [argv, said] of [
      [['--to-env', 'TARGET'], 'TARGET is not set'],
      [['--to-env', 'TARGET', '--to', database.url], 'either --to or --to-env'],
      [[], 'either --to or --to-env'],
    ] as const) {
      const refused = await command(['store', 'copy', '--from', from, ...argv], env(from));
      expect(refused.exit, refused.said).toBe(3);
      expect(refused.said).toContain(said);
    }
    const open = await command(['store', 'copy', '--from', from, '--to', database.url], env(from));
    expect(open.said).toContain('The password in --to stands in the process list');
  });

  it('says in a line what is wrong, without a password', async () => {
    const file = databaseFile();
    writeFileSync(file, '');
    const nowhere = new URL(database.url);
    nowhere.port = '1';
    nowhere.password = 'hunter2';
    for (const argv of [
      ['store', 'copy', '--from', `sqlite:${file}x`, '--to', nowhere.href],
      ['store', 'copy', '--from', nowhere.href, '--to', `sqlite:${file}`],
      ['store', 'check'],
    ]) {
      const { exit, out, said } = await command(argv, env(nowhere.href));
      expect(exit, argv.join(' ')).toBe(3);
      expect(`${out}${said}`).not.toContain('hunter2');
      expect(said).not.toContain('Unexpected error');
    }
  });
});
