/** test/store/postgres-replicas.test.ts: several stores on one database, as replicas have it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Committed, Delivery } from '../../src/store/port.ts';
import type { PostgresStore } from '../../src/store/postgres/store.ts';
import { openPostgres, type PostgresOptions } from '../../src/store/postgres.ts';
import { closed, commented, delivery, fold, NOON, nextId, opening, recording, signer } from '../contract/requests.ts';
import { createDatabase, type TestDatabase } from '../fake/postgres-database.ts';

const SENT = { kind: 'sent', receipt: { ts: '1.2' }, shownVersion: 1 } as const;

let database: TestDatabase;
let stores: PostgresStore[];
beforeEach(async () => {
  database = await createDatabase();
  stores = [];
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});

async function replica(options: Partial<PostgresOptions> = {}): Promise<PostgresStore> {
  const store = await openPostgres({ url: database.url, signer, fold, clock: () => NOON, ...options });
  stores.push(store);
  return store;
}
const replicas = (count: number) => Promise.all(Array.from({ length: count }, () => replica()));
const one = (of: readonly PostgresStore[], index: number): PostgresStore => {
  const store = of[index % of.length];
  if (store === undefined) throw new Error('There are no replicas.');
  return store;
};
const all = () => true;
const faultsOf = async (store: PostgresStore) => (await store.verify({ fold })).faults;

/** Resolves with what the store's listener hears of this request next. */
const heardOf = (store: PostgresStore, id: string): Promise<Committed> =>
  new Promise((resolve) => {
    const stop = store.subscribe(
      (committed) => {
        if (committed.state.content.id !== id) return;
        stop();
        resolve(committed);
      },
      (other) => other === id,
    );
  });

describe('starting', () => {
  it('together on an empty database makes its tables once', async () => {
    const started = await replicas(4);
    expect(await database.sql('select version from migrations')).toEqual([{ version: 1 }, { version: 2 }]);
    await Promise.all(started.map((store) => store.open(opening(nextId('req')))));
    expect(await one(started, 0).log(0)).toHaveLength(4);
  });

  it('is refused by a database that a newer program wrote', async () => {
    await (await replica()).close();
    await database.sql(`insert into migrations (version, name, applied_at) values (99, 'from the future', 0)`);
    await expect(replica()).rejects.toMatchObject({ name: 'StoreVersionError' });
  });

  it('for reading only changes nothing, and needs the tables', async () => {
    await expect(replica({ readOnly: true })).rejects.toMatchObject({ name: 'StoreVersionError' });
    const id = nextId('req');
    await (await replica()).open(opening(id));
    const reader = await replica({ readOnly: true });
    expect((await reader.load(id))?.status).toBe('pending');
    expect(await reader.due(NOON, 10)).toEqual([]);
    await expect(reader.open(opening(nextId('req')))).rejects.toMatchObject({ name: 'StoreUnavailableError' });
  });

  it('is refused by a database that can’t hold every text', async () => {
    const latin = await createDatabase(`encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'`);
    const opened = openPostgres({ url: latin.url, signer, fold });
    await expect(opened).rejects.toMatchObject({ name: 'UnsuitableDatabaseError' });
    await expect(opened).rejects.toThrow('UTF-8');
    await latin.drop();
  });

  it('takes the time of the database for all of them', async () => {
    const store = await openPostgres({ url: database.url, signer, fold });
    stores.push(store);
    const [row] = await database.sql<{ now: Date }>('select clock_timestamp() as now');
    expect(Math.abs(store.clock() - Number(row?.now))).toBeLessThan(1_000);
  });
});

describe('racing replicas', () => {
  it('open one request for one idempotency key, and all are told which', async () => {
    const racing = await replicas(3);
    const keys = Array.from({ length: 20 }, (_, index) => `run-${index}`);
    const answers = await Promise.all(
      keys.flatMap((key) =>
        racing.map(async (store) => {
          const id = nextId('req');
          const answer = await store.open(opening(id, { idempotency: { pipeline: 'ci', key, bodyDigest: 'a' } }));
          return { key, id: answer.kind === 'replayed' ? answer.state.content.id : id, kind: answer.kind };
        }),
      ),
    );
    for (const key of keys) {
      const mine = answers.filter((answer) => answer.key === key);
      expect(new Set(mine.map(({ id }) => id)).size, key).toBe(1);
      expect(mine.filter(({ kind }) => kind === 'decided')).toHaveLength(1);
    }
    expect((await one(racing, 0).stats()).pending).toBe(keys.length);
    expect(await faultsOf(one(racing, 0))).toEqual([]);
  });

  it('close a request once, and lose no event on the way', async () => {
    const racing = await replicas(3);
    const ids = Array.from({ length: 10 }, () => nextId('req'));
    await Promise.all(ids.map((id) => one(racing, 0).open(opening(id))));
    const outcomes = await Promise.all(
      ids.flatMap((id) =>
        Array.from({ length: 12 }, (_, turn) =>
          one(racing, turn).change(id, (state) =>
            state.status !== 'pending'
              ? { kind: 'none', answer: 0 }
              : recording(state.version < 8 ? [commented(`${turn}`)] : [closed('approved')])(state),
          ),
        ),
      ),
    );
    expect(outcomes.filter((version) => version === 9)).toHaveLength(ids.length);
    for (const id of ids)
      expect(
        (await one(racing, 1).events(id)).map(({ version, type }) => `${version} ${type}`),
        id,
      ).toEqual(['1 opened', ...Array.from({ length: 7 }, (_, index) => `${index + 2} commented`), '9 closed']);
    expect(await faultsOf(one(racing, 2))).toEqual([]);
  });

  it('leave one pending of all that supersede each other', async () => {
    const racing = await replicas(3);
    const ids = Array.from({ length: 15 }, () => nextId('req'));
    await Promise.all(
      ids.map((id, index) => one(racing, index).open(opening(id, { content: { supersedes: 'shop' } }))),
    );
    const statuses = await Promise.all(ids.map(async (id) => (await one(racing, 0).load(id))?.status));
    expect(statuses.filter((status) => status === 'pending')).toHaveLength(1);
    expect((await one(racing, 0).stats()).pending).toBe(1);
    expect(await faultsOf(one(racing, 0))).toEqual([]);
  });

  it('sign the log together: positions have no gaps, and no checkpoint is there twice', async () => {
    const racing = await replicas(3);
    await Promise.all(
      racing.map((store) =>
        Promise.all(Array.from({ length: 900 }, () => store.open(opening(nextId('req'), { asked: [] })))),
      ),
    );
    await Promise.all(racing.map((store) => store.checkpoint(NOON)));
    const verification = await one(racing, 0).verify({ fold });
    expect(verification).toMatchObject({ events: 2_700, faults: [] });
    const sizes = (await one(racing, 0).checkpoints()).map(({ size }) => size);
    expect(sizes).toEqual([...new Set(sizes)]);
    expect(sizes.at(-1)).toBe(2_700);
    expect(sizes.length).toBeGreaterThanOrEqual(2);
  });

  it('go on where the others left the log, although each believes at first that it is alone', async () => {
    const racing = await Promise.all([replica({ listen: false }), replica({ listen: false })]);
    const ids: string[] = [];
    for (let turn = 0; turn < 30; turn++) {
      const store = one(racing, turn < 10 ? 0 : turn < 20 ? 1 : turn);
      for (let count = 0; count < 3; count++) {
        const id = nextId('req');
        ids.push(id);
        await store.open(opening(id, { deliveries: [delivery(id, { target: id })] }));
        if (count === 1) await store.change(id, recording([closed('rejected')]));
        if (count === 2) await store.checkpoint(NOON);
      }
    }
    const verification = await one(racing, 0).verify({ fold });
    expect(verification).toMatchObject({ events: 120, faults: [] });
    const stats = await one(racing, 1).stats();
    expect([stats.pending, stats.deliveries.queued]).toEqual([60, 90]);
    const rows = await database.sql<{ seq: string }>('select seq from deliveries order by seq');
    expect(rows.map(({ seq }) => Number(seq))).toEqual(ids.map((_, index) => index + 1));
  });
});

describe('deliveries', () => {
  const queue = async (store: PostgresStore, targets: readonly string[]): Promise<string> => {
    const id = nextId('req');
    await store.open(opening(id, { deliveries: targets.map((target) => delivery(id, { target })) }));
    return id;
  };

  it('are claimed by one replica each, one per target', async () => {
    const racing = await replicas(3);
    const targets = Array.from({ length: 30 }, (_, index) => `slack:C${index % 15}`);
    await queue(one(racing, 0), targets);
    const claimed = (await Promise.all(racing.map((store) => store.claim(NOON, 100)))).flat();
    expect(new Set(claimed.map(({ id }) => id)).size).toBe(claimed.length);
    expect(new Set(claimed.map(({ target }) => target)).size).toBe(claimed.length);
    const rest = (await Promise.all(racing.map((store) => store.claim(NOON, 100)))).flat();
    expect(claimed.length + rest.length).toBe(15);
  });

  it('are all sent once, in the order of their target, however many replicas send', async () => {
    const racing = await replicas(3);
    for (let count = 0; count < 10; count++) await queue(one(racing, count), ['a', 'b', 'c']);
    const sent: Delivery[] = [];
    await Promise.all(
      racing.map(async (store) => {
        for (let idle = 0; idle < 20; ) {
          const claimed = await store.claim(NOON, 2);
          idle = claimed.length === 0 ? idle + 1 : 0;
          sent.push(...claimed);
          for (const each of claimed) await store.settle(each, { ...SENT, shownVersion: 1 });
        }
      }),
    );
    expect(sent.map(({ id }) => id)).toHaveLength(30);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(30);
    for (const target of ['a', 'b', 'c']) {
      const order = sent.filter((each) => each.target === target).map(({ request }) => request);
      expect(order).toEqual([...order].sort());
    }
    expect((await one(racing, 0).stats()).deliveries).toMatchObject({ sent: 30, queued: 0, sending: 0 });
  });

  it('of a replica that fell silent are taken over with one attempt more, and it can’t finish them any more', async () => {
    const [slow, other] = [await replica(), await replica()];
    await queue(slow, ['a']);
    const [claimed] = await slow.claim(NOON, 1);
    if (claimed === undefined) return expect.unreachable();
    // As if it had been stopped: nobody renews.
    await database.sql('update deliveries set leased_until = 1');
    const [taken] = await other.claim(NOON, 1);
    expect(taken).toMatchObject({ id: claimed.id, attempts: 1 });
    expect(taken?.fence).not.toBe(claimed.fence);
    await slow.settle(claimed, SENT);
    expect(await other.deliveries({ limit: 1 })).toMatchObject([{ state: 'sending', receipt: null }]);
    if (taken !== undefined) await other.settle(taken, SENT);
    expect(await other.deliveries({ limit: 1 })).toMatchObject([{ state: 'sent' }]);
    expect((await other.stats()).deliveries).toMatchObject({ sent: 1, queued: 0, sending: 0 });
  });

  it('stay with a replica that lives, for as long as it takes', async () => {
    const [holder, other] = [await replica({ leaseMs: 400 }), await replica({ leaseMs: 400 })];
    await queue(holder, ['a']);
    const [claimed] = await holder.claim(NOON, 1);
    await sleep(1_500);
    expect(await other.claim(NOON, 1)).toEqual([]);
    if (claimed !== undefined) await holder.settle(claimed, SENT);
    expect(await other.deliveries({ limit: 1 })).toMatchObject([{ state: 'sent' }]);
  });

  it('that a stopped replica still held go to the next one, as tried', async () => {
    const [first, second] = [await replica(), await replica()];
    await queue(first, ['a']);
    const [claimed] = await first.claim(NOON, 1);
    await first.close();
    expect(await second.claim(NOON, 1)).toMatchObject([{ id: claimed?.id, attempts: 1 }]);
  });
});

describe('what another replica commits', () => {
  it('wakes who waits for that request, with the newest state and what is new', async () => {
    const there = await replica();
    const id = nextId('req');
    await there.open(opening(id));
    const here = await replica();
    const first = heardOf(here, id);
    await there.change(id, recording([commented('one'), commented('two')]));
    const { state, events } = await first;
    expect(state.version).toBe(3);
    expect(events).toEqual([commented('one'), commented('two')]);
  });

  it('wakes within 50 ms by NOTIFY', async () => {
    const [here, there] = [await replica(), await replica()];
    const id = nextId('req');
    await there.open(opening(id));
    await heardAndAnswered(here, there, id); // LISTEN is up
    const tookMs: number[] = [];
    for (let count = 0; count < 20; count++) tookMs.push(await heardAndAnswered(here, there, id));
    tookMs.sort((a, b) => a - b);
    expect(tookMs[10], `all: ${tookMs.map(Math.round).join(' ')}`).toBeLessThan(50);
  });

  it('wakes within a second where LISTEN is missing', async () => {
    const [here, there] = [await replica({ listen: false }), await replica({ listen: false })];
    const id = nextId('req');
    await there.open(opening(id));
    for (let count = 0; count < 3; count++) expect(await heardAndAnswered(here, there, id)).toBeLessThan(1_000);
  });

  it('is heard by nobody who did not ask for that request', async () => {
    const [here, there] = [await replica(), await replica()];
    const heard: string[] = [];
    here.subscribe(({ state }) => heard.push(`own ${state.content.id}`));
    const [mine, other] = [nextId('req'), nextId('req')];
    here.subscribe(
      ({ state }) => heard.push(state.content.id),
      (id) => id === mine,
    );
    await there.open(opening(other));
    const woken = heardOf(here, mine);
    await there.open(opening(mine));
    await woken;
    expect(heard).toEqual([mine]);
  });

  it('is heard once, and what was committed here is not heard again', async () => {
    for (const listen of [true, false]) {
      const [here, there] = [await replica({ listen }), await replica({ listen })];
      const id = nextId('req');
      await here.open(opening(id));
      const heard: number[] = [];
      here.subscribe(({ events }) => heard.push(events.length), all);
      for (let count = 0; count < 5; count++) {
        await here.change(id, recording([commented('here')]));
        await there.change(id, recording([commented('there')]));
      }
      const last = heardOf(here, id);
      await there.change(id, recording([closed('approved')]));
      await last;
      await sleep(700);
      expect(heard.reduce((sum, count) => sum + count, 0)).toBe(11);
    }
  });

  it('in a batch too long for one message is heard, too', async () => {
    const [here, there] = [await replica(), await replica()];
    const ids = Array.from({ length: 450 }, () => nextId('req'));
    const heard = new Set<string>();
    here.subscribe(({ state }) => heard.add(state.content.id), all);
    await Promise.all(ids.map((id) => there.open(opening(id, { asked: [] }))));
    await expect.poll(() => heard.size, { timeout: 5_000 }).toBe(450);
  });

  it('while LISTEN was cut off is heard all the same', async () => {
    const [here, there] = [await replica(), await replica()];
    const id = nextId('req');
    await there.open(opening(id));
    await heardAndAnswered(here, there, id);
    await database.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and query ilike 'listen%'`,
    );
    expect(await heardAndAnswered(here, there, id)).toBeLessThan(2_000);
    await expect.poll(async () => (await listeners()) >= 1, { timeout: 5_000 }).toBe(true);
    expect(await heardAndAnswered(here, there, id)).toBeLessThan(2_000);
  });

  async function listeners(): Promise<number> {
    const [row] = await database.sql<{ count: string }>(
      `select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen%'`,
    );
    return Number(row?.count);
  }

  async function heardAndAnswered(here: PostgresStore, there: PostgresStore, id: string): Promise<number> {
    const woken = heardOf(here, id).then(() => performance.now());
    await there.change(id, recording([commented('…')]));
    const committed = performance.now();
    return (await woken) - committed;
  }
});
