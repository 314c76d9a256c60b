import { describe, expect, it, onTestFinished } from 'vitest';
import { createAbsences } from '../../../src/bot/absence/absences.ts';
import { PREFIX } from '../../../src/bot/absence/entry.ts';
import { RESOLVED_A_TURN } from '../../../src/bot/absence/limits.ts';
import { parseConfig } from '../../../src/bot/config/index.ts';
import { createDirectory } from '../../../src/bot/directory/source.ts';
import { fold } from '../../../src/engine/evolve.ts';
import { type Store, StoreUnavailableError } from '../../../src/store/port.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { signer } from '../../contract/requests.ts';
import { GATES, startChat } from '../chat/chat.ts';
import { VirtualTime } from '../dispatch-parts.ts';

const DAY = 86_400_000;
const PEOPLE = `
people:
  ana: { name: Ana Silva }
  ben: { name: Ben Okoye, delegate: mia }
  mia: { name: Mia Chen }
groups: { all: [ana, ben] }
gates: { deploy: { approvers: [all] } }
`;

/** One replica of several on the same store. */
function replica(store: Store, time: VirtualTime) {
  let config = parseConfig(PEOPLE, 'countersign.yaml', {}, time.now);
  const lines: string[] = [];
  const log = (_fields: object, message: string): void => void lines.push(message);
  const absences = createAbsences({
    store,
    handler: { change: async () => null },
    config: () => config,
    directory: () => source.current(),
    clock: time.clock,
    timers: time.timers,
    random: () => 0.5,
    read: async () => ({ away: [], note: null }),
    log: { info: log, warn: log, error: log },
    decisions: { info: log },
  });
  const source = createDirectory({
    config: () => config,
    absences: absences.overlay,
    members: async () => [],
    directory: async () => [],
    isHome: () => true,
    clock: time.clock,
    timers: time.timers,
    log: { info: log, warn: log },
  });
  onTestFinished(() => absences.stop());
  return {
    absences,
    lines,
    away: (person: string) => source.current().people.get(person)?.away,
    edit(text: string) {
      config = parseConfig(text, 'countersign.yaml', {}, time.now);
      absences.reloaded();
    },
  };
}

async function storeAt(time: VirtualTime): Promise<Store> {
  const store = await openSqlite({ file: ':memory:', signer, fold, clock: time.clock });
  onTestFinished(() => store.close());
  return store;
}

const MONDAY = Date.parse('2026-03-02T09:00:00Z');

describe('what somebody says about being away', () => {
  it('is known at the other replicas with their next tick, and so is its end', async () => {
    const time = new VirtualTime(MONDAY);
    const store = await storeAt(time);
    const [one, two] = [replica(store, time), replica(store, time)];
    await Promise.all([one.absences.start(), two.absences.start()]);
    await one.absences.announce('ana', { from: null, until: 'friday', delegate: 'ben' }, 'slack');
    const expected = [{ from: MONDAY, to: Date.parse('2026-03-07T00:00:00Z'), delegate: 'ben' }];
    expect(one.away('ana')).toEqual(expected); // at once where it was said
    expect(two.away('ana')).toEqual([]);
    await two.absences.turn();
    expect(two.away('ana')).toEqual(expected);
    await two.absences.comeBack('ana', 'teams');
    await one.absences.turn();
    expect(one.away('ana')).toEqual([]);
  });

  it('outlives a restart', async () => {
    const time = new VirtualTime(MONDAY);
    const store = await storeAt(time);
    const before = replica(store, time);
    await before.absences.start();
    await before.absences.announce('ana', { from: null, until: 'friday', delegate: 'ben' }, 'slack');
    await before.absences.stop();
    const after = replica(store, time);
    await after.absences.start();
    expect(after.away('ana')).toMatchObject([{ delegate: 'ben' }]);
  });

  it('is history for three months after it is over', async () => {
    const time = new VirtualTime(MONDAY);
    const store = await storeAt(time);
    const { absences } = replica(store, time);
    await absences.announce('ana', { from: null, until: 'friday', delegate: 'ben' }, 'slack');
    await time.pass(80 * DAY);
    await absences.turn();
    expect((await absences.whereabouts('ana')).past).toHaveLength(1);
    await time.pass(30 * DAY);
    await absences.turn();
    expect((await absences.whereabouts('ana')).past).toEqual([]);
  });

  it('is not overwritten by what somebody else says at the same time', async () => {
    const time = new VirtualTime(MONDAY);
    const store = await storeAt(time);
    const [one, two] = [replica(store, time), replica(store, time)];
    await Promise.all([
      one.absences.announce('ana', { from: null, until: 'friday', delegate: 'mia' }, 'slack'),
      two.absences.announce('ana', { from: '1 apr', until: '3 apr', delegate: null }, 'web'),
      two.absences.announce('ben', { from: null, until: 'friday', delegate: null }, 'teams'),
    ]);
    await one.absences.turn();
    expect(one.away('ana')).toHaveLength(2);
    expect(one.away('ben')).toHaveLength(1);
  });

  it('changes nothing for people who are gone, or where what is kept can’t be read', async () => {
    const time = new VirtualTime(MONDAY);
    const store = await storeAt(time);
    const { absences, away, lines, edit } = replica(store, time);
    await absences.announce('ana', { from: null, until: 'friday', delegate: 'ben' }, 'slack');
    await store.remember(`${PREFIX}ben:x`, '{"kind":"away"}', null);
    await store.remember(`${PREFIX}ben:y`, 'not json', null);
    await absences.turn();
    await absences.turn();
    expect(away('ben')).toEqual([]);
    expect(lines.filter((line) => line.includes('can’t be read'))).toHaveLength(2);
    edit(PEOPLE.replace(/ {2}ana: .*\n/, '').replace('[ana, ben]', '[ben]'));
    expect([...absences.overlay().keys()]).toEqual([]);
  });

  it('stays as it was known while the store is away', async () => {
    const time = new VirtualTime(MONDAY);
    const store = await storeAt(time);
    let isDown = false;
    const recallAll: Store['recallAll'] = (prefix) =>
      isDown ? Promise.reject(new StoreUnavailableError('gone')) : store.recallAll(prefix);
    const { absences, away, lines } = replica(
      { ...store, recallAll, remember: store.remember.bind(store), list: store.list.bind(store) },
      time,
    );
    await absences.announce('ana', { from: null, until: 'friday', delegate: 'ben' }, 'slack');
    isDown = true;
    await absences.turn();
    expect(away('ana')).toHaveLength(1);
    expect(lines.at(-1)).toMatch(/could not be read; what was known counts/);
  });

  it('is one object for the directory until something changes', async () => {
    const time = new VirtualTime(MONDAY);
    const { absences } = replica(await storeAt(time), time);
    await absences.announce('ana', { from: null, until: 'friday', delegate: 'ben' }, 'slack');
    const overlay = absences.overlay();
    await absences.turn();
    await time.pass(DAY);
    expect(absences.overlay()).toBe(overlay);
    await absences.comeBack('ana', 'slack');
    expect(absences.overlay()).not.toBe(overlay);
  });
});

describe('requests that wait for somebody who goes away', () => {
  it('follow a bounded number at a time, until all have, and never again', async () => {
    const chat = await startChat();
    const ids: string[] = [];
    for (let i = 0; i < RESOLVED_A_TURN + 30; i++) ids.push(await chat.open('ana-only'));
    await chat.absences.turn();
    await chat.absences.announce('ana', { from: '10:00', until: 'friday', delegate: 'ben' }, 'slack');
    await chat.time.pass(3_600_000);
    const waiting = async (): Promise<number> => {
      let count = 0;
      for (const id of ids) if ((await chat.read(id)).stages[0]?.rules[0]?.approvers.includes('ana')) count++;
      return count;
    };
    await chat.absences.turn();
    expect(await waiting()).toBe(30);
    await chat.absences.turn();
    expect(await waiting()).toBe(0);
    const versions = await Promise.all(ids.map(async (id) => (await chat.read(id)).version));
    await chat.absences.turn();
    expect(await Promise.all(ids.map(async (id) => (await chat.read(id)).version))).toEqual(versions);
  });

  it('do not wait for the long look after a start', async () => {
    const chat = await startChat();
    const id = await chat.open('deploy');
    await chat.absences.turn();
    for (let i = 0; i < 2 * RESOLVED_A_TURN; i++) await chat.open('ana-only');
    await chat.absences.start();
    await chat.absences.announce('cy', { from: '10:00', until: 'friday', delegate: 'eve' }, 'slack');
    await chat.time.pass(3_600_000);
    await chat.absences.turn();
    expect((await chat.read(id)).stages[0]?.rules[0]?.approvers).toEqual(['ana', 'ben', 'eve']);
  });

  it('follow once the store is back, where it was away just then', async () => {
    let isDown = false;
    const chat = await startChat({
      around: (store) => ({
        ...store,
        open: (work) => store.open(work),
        load: (id) => store.load(id),
        list: (filter) => store.list(filter),
        recallAll: (prefix) => store.recallAll(prefix),
        remember: (name, value, until) => store.remember(name, value, until),
        change: (id, decide) => (isDown ? Promise.reject(new StoreUnavailableError('full')) : store.change(id, decide)),
      }),
    });
    const id = await chat.open('ana-only');
    await chat.absences.turn();
    isDown = true;
    await chat.absences.announce('ana', { from: null, until: 'friday', delegate: 'ben' }, 'slack');
    await chat.absences.turn();
    isDown = false;
    expect((await chat.read(id)).stages[0]?.rules[0]?.approvers).toEqual(['ana']);
    await chat.absences.turn();
    expect((await chat.read(id)).stages[0]?.rules[0]?.approvers).toEqual(['ben']);
  });

  it('follow at the start, too, when nobody has seen the absence begin', async () => {
    const chat = await startChat();
    const id = await chat.open('ana-only');
    chat.reload(
      GATES.replace('slack: U0ANA,', 'slack: U0ANA, away: { from: 2026-03-01, to: 2026-03-09, delegate: cy },'),
    );
    await chat.absences.start();
    await chat.absences.turn();
    expect((await chat.read(id)).stages[0]?.rules[0]?.approvers).toEqual(['cy']);
  });

  it('follow when people join a group or leave it', async () => {
    const chat = await startChat();
    await chat.absences.turn();
    const id = await chat.open('deploy');
    const hers = await chat.open('ana-only');
    chat.reload(GATES.replace('[ana, ben, cy]', '[ben, mia]'));
    chat.absences.groupsChanged({ joined: ['mia'], left: ['ana', 'cy'], groups: ['release-managers'] });
    await chat.absences.turn();
    expect((await chat.read(id)).stages[0]?.rules[0]?.approvers).toEqual(['ben', 'mia']);
    expect(await chat.happened(hers)).toEqual(['opened']);
  });
});
