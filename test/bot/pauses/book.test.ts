/** The record of what is paused, on both databases: what is kept, for how long, and what a second process knows of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BookLog, createPauseBook } from '../../../src/bot/pauses/book.ts';
import type { HousePause } from '../../../src/bot/pauses/house-pause.ts';
import { ENDED_KEPT_MS } from '../../../src/bot/pauses/limits.ts';
import { fold } from '../../../src/engine/evolve.ts';
import type { Store } from '../../../src/store/port.ts';
import { openPostgres } from '../../../src/store/postgres.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { signer } from '../../contract/requests.ts';
import { createDatabase, type TestDatabase } from '../../fake/postgres-database.ts';

const START = Date.parse('2026-03-02T09:00:00Z');
const log: BookLog = { info() {}, warn() {}, error() {} };
const pause = (id: string, about: Partial<HousePause> = {}): HousePause => ({
  id: `pau_${id}`,
  scope: { kind: 'gate', gate: 'deploy' },
  by: { kind: 'person', person: 'ana', via: 'web', pipeline: null },
  reason: 'Release “freeze” 🙂',
  clocks: 'stop',
  at: START,
  ended: null,
  ...about,
});
const ended = { by: { kind: 'pipeline', pipeline: 'ci' }, reason: null, at: START + 1 } as const;

describe.each(['sqlite', 'postgres'] as const)('pauses in %s', (kind) => {
  let now = START;
  let store: Store;
  let database: TestDatabase | undefined;
  beforeAll(async () => {
    const clock = () => now;
    if (kind === 'sqlite') store = await openSqlite({ file: ':memory:', signer, fold, clock });
    else {
      database = await createDatabase();
      store = await openPostgres({ url: database.url, signer, fold, clock });
    }
  });
  afterAll(async () => {
    await store.close();
    await database?.drop();
  });
  const open = (news: string[] = []) =>
    createPauseBook({ store, log, onNews: ({ id, ended: end }) => news.push(end === null ? id : `${id} ended`) });

  it('are known to a second process after it has read them, each once', async () => {
    const [here, news] = [open(), [] as string[]];
    const there = open(news);
    await here.keep(pause('1'));
    expect(here.inForce.get('pau_1')).toEqual(pause('1'));
    expect(there.inForce.size).toBe(0);
    await there.refresh();
    await there.refresh();
    expect([...there.inForce.values()]).toEqual([pause('1')]);
    await there.keep(pause('1', { ended }));
    expect(there.inForce.size).toBe(0);
    await here.refresh();
    expect(here.inForce.size).toBe(0);
    expect(here.find('pau_1')).toEqual(pause('1', { ended }));
    expect(news).toEqual(['pau_1', 'pau_1 ended']);
  });

  it('stay for ever while in force, and 400 days after their end', async () => {
    if (kind === 'postgres') return expect(store.clock).toBeTypeOf('function'); // its time is the database's
    const book = open();
    await book.keep(pause('2'));
    await book.keep(pause('3', { ended }));
    now = ended.at + ENDED_KEPT_MS - 1;
    await book.refresh();
    expect(book.all().map(({ id }) => id)).toEqual(['pau_3', 'pau_2', 'pau_1']);
    now += 1;
    await book.refresh();
    expect(book.all().map(({ id }) => id)).toEqual(['pau_2']);
    now = START;
  });

  it('are not forgotten because a reading began before they were kept', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = {
      remember: store.remember.bind(store),
      recallAll: async (prefix: string) => {
        const rows = await store.recallAll(prefix);
        await held;
        return rows;
      },
    };
    const book = createPauseBook({ store: slow, log, onNews: () => {} });
    const reading = book.refresh();
    await book.keep(pause('4'));
    release();
    await reading;
    expect(book.inForce.has('pau_4')).toBe(true);
  });
});
