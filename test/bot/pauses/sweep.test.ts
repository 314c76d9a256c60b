/** The sweep alone: a store that comes and goes, a request that can't be decided, and what it does not do twice. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConfig } from '../../../src/bot/config/index.ts';
import { createHandler } from '../../../src/bot/handle.ts';
import { newRequestId } from '../../../src/bot/ids.ts';
import { contentOf } from '../../../src/bot/open.ts';
import { joinPauses } from '../../../src/bot/pauses/join.ts';
import { fold } from '../../../src/engine/evolve.ts';
import type { Actor } from '../../../src/engine/request.ts';
import { type Store, StoreUnavailableError } from '../../../src/store/port.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { signer } from '../../contract/requests.ts';
import { CI_TOKEN, eventually, OTHER_TOKEN } from '../bot.ts';
import { PAUSE_GATES } from './house.ts';

const NOW = Date.parse('2026-03-02T09:00:00Z');
const adele: Actor = { kind: 'person', person: 'adele', via: 'web', pipeline: null };

/** A store with `count` pending requests, and pausing on top of it. `around`: what of the store is another. */
async function given(count: number, around: (store: Store) => Partial<Store> = () => ({})) {
  const config = parseConfig(PAUSE_GATES, 'countersign.yaml', { CI_TOKEN, OTHER_TOKEN }, NOW);
  const whole = await openSqlite({ file: ':memory:', signer, fold, clock: () => NOW });
  onTestFinished(() => whole.close());
  const over = around(whole);
  const store = new Proxy(whole, {
    get: (target, key) => {
      const found = Reflect.get(over, key) ?? Reflect.get(target, key);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
  const errors: object[] = [];
  const lines: string[] = [];
  const log = {
    info: (_: object, message: string) => void lines.push(message),
    warn: (_: object, message: string) => void lines.push(message),
    error: (fields: object) => void errors.push(fields),
  };
  const routes = () => ({
    channels: config.channels,
    reachable: new Set([]),
    threaded: new Set([]),
    directory: config.directory,
  });
  const joined = joinPauses({
    store,
    clock: () => NOW,
    config: () => config,
    log,
    decisions: log,
    handlerOf: (pauses) => createHandler(store, { routes, clock: () => NOW, pauses, onRefused: () => {} }),
  });
  onTestFinished(() => joined.stop());
  const gate = config.gates.get('deploy');
  if (gate === undefined) throw new Error('There is no gate.');
  const about = { title: null, description: null, requester: null, context: {}, fields: [], artifacts: [] };
  const ids = Array.from({ length: count }, newRequestId);
  for (const id of ids) {
    const asked = { ...about, subject: null, callback: null, supersedes: null, heartbeatMs: null };
    const { content, text } = contentOf(id, 'ci', gate, asked);
    await joined.handler.open({ type: 'open', content, gate }, null, text);
  }
  const paused = async () => {
    const states = await Promise.all(ids.map((id) => whole.load(id)));
    return states.filter((state) => state?.status === 'pending' && state.paused !== null).length;
  };
  const everything = { scope: { kind: 'everything' }, by: adele, reason: 'Incident' } as const;
  return { ...joined, store: whole, ids, paused, errors, lines, everything };
}

describe('the sweep', () => {
  it('waits while the store is away, and goes on from where it stood with the next turn', async () => {
    let isAway = false;
    const house = await given(450, (store) => ({
      list: (filter) =>
        isAway && filter.after !== undefined ? Promise.reject(new StoreUnavailableError('gone')) : store.list(filter),
    }));
    isAway = true;
    const ordered = await house.house.pause(house.everything);
    if (ordered.kind !== 'paused') return expect.unreachable();
    await eventually(async () => (await house.paused()) === 200, 'the first page');
    await house.turn();
    expect(house.house.progressOf(ordered.pause.id)).toEqual({ phase: 'pausing', done: 200, left: 250 });
    isAway = false;
    await house.turn();
    await eventually(async () => (await house.paused()) === 450, 'the rest');
    await eventually(() => house.house.progressOf(ordered.pause.id) === null, 'the end of the first look');
    await house.turn();
    await eventually(() => house.lines.includes('all its requests are paused'), 'the second look');
    expect(house.errors).toEqual([]);
  });

  it('reports a request that can’t be decided, and brings the others in line', async () => {
    let bad = '';
    const house = await given(5, (store) => ({
      change: (id, decide) => (id === bad ? Promise.reject(new Error('a poison row')) : store.change(id, decide)),
    }));
    bad = house.ids[2] ?? '';
    await house.house.pause(house.everything);
    await eventually(async () => (await house.paused()) === 4, 'the others');
    expect(house.errors).toMatchObject([{ request: bad }]);
  });

  it('leaves what is in line as it is, however often it looks', async () => {
    const house = await given(3);
    const ordered = await house.house.pause(house.everything);
    if (ordered.kind !== 'paused') return expect.unreachable();
    await eventually(async () => (await house.paused()) === 3, 'all');
    for (let turn = 0; turn < 5; turn++) await house.turn();
    for (const id of house.ids) expect(await house.handler.bringInLine(id)).toBe(false);
    expect((await house.store.log(0)).map(({ type }) => type)).toEqual([
      ...Array(3).fill('opened'),
      ...Array(3).fill('paused'),
    ]);
  });

  it('resumes instead where the pause ends while its requests are still being paused', async () => {
    const house = await given(450);
    const ordered = await house.house.pause(house.everything);
    if (ordered.kind !== 'paused') return expect.unreachable();
    await house.house.resume({ id: ordered.pause.id, by: adele, reason: null });
    await eventually(() => house.house.progressOf(ordered.pause.id) === null, 'the look');
    await house.turn();
    await eventually(() => house.lines.includes('all its requests are resumed'), 'the second look');
    expect(await house.paused()).toBe(0);
  });
});
