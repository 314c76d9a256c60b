import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { RefusedError, UnavailableError } from '../../src/adapters/channel.ts';
import { run } from '../../src/bot/dispatch/errand.ts';
import { SCHEDULES } from '../../src/bot/dispatch/limits.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { closed, commented, fold, signer } from '../contract/requests.ts';
import { FakeChannel } from '../fake/channel.ts';
import { notice, type Rig, rest, startRig, surface, through, VirtualTime } from './dispatch-parts.ts';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.end();
});
async function start(options: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
  const rig = await startRig(options);
  rigs.push(rig);
  return rig;
}

describe('a surface', () => {
  it('is posted once the request’s commit is durable, without looking for an earlier one', async () => {
    const { open, slack, dispatcher, only } = await start();
    await open('req_1', surface('req_1'));
    await dispatcher.drain();
    expect(slack.messages).toMatchObject([{ version: 1, status: 'pending', updates: 0 }]);
    expect(slack.count('find')).toBe(0);
    expect(await only()).toMatchObject({ state: 'sent', shownVersion: 1, receipt: { ts: '1' } });
  });

  it('shows ten commits of one turn with one update', async () => {
    const { open, record, slack, dispatcher } = await start();
    await open('req_1', surface('req_1'));
    await dispatcher.drain();
    await Promise.all(Array.from({ length: 10 }, (_, index) => record('req_1', [commented(`note ${index}`)])));
    await dispatcher.drain();
    expect(slack.messages).toMatchObject([{ version: 11, updates: 1 }]);
  });

  it('shows the newest state, also when it changed while a message was being sent', async () => {
    const { open, record, slack, dispatcher, time, only } = await start();
    slack.script.push('hang');
    await open('req_1', surface('req_1'));
    await record('req_1', [closed('approved')]);
    await time.pass(15_000); // the first attempt is given up
    await time.pass(2_000);
    await dispatcher.drain();
    expect(slack.messages).toMatchObject([{ version: 2, status: 'approved' }]);
    expect(await only()).toMatchObject({ state: 'sent', shownVersion: 2 });
  });

  it('that shows the newest state already is left alone', async () => {
    const { open, slack, dispatcher, store, only, senders } = await start();
    await open('req_1', surface('req_1'));
    await dispatcher.drain();
    const calls = slack.calls.length;
    const again = await run(await only(), senders, {
      now: 0,
      signal: new AbortController().signal,
      mayHaveBegun: true,
    });
    expect(again).toEqual({ receipt: { ts: '1' }, shownVersion: 1 });
    expect(slack.calls.length).toBe(calls);
    expect((await store.load('req_1'))?.version).toBe(1);
  });

  it('whose last update was refused is brought up to date when it is put back by hand', async () => {
    const { open, record, slack, dispatcher, time, store, only } = await start();
    slack.script.push('none', { fail: new RefusedError('edit_window_closed') });
    await open('req_1', surface('req_1'));
    await dispatcher.drain();
    await record('req_1', [closed('approved')]);
    await dispatcher.drain();
    expect(await only()).toMatchObject({ state: 'dead', shownVersion: 1 });
    await store.requeue((await only()).id, time.now);
    dispatcher.wake();
    await dispatcher.drain();
    expect(await only()).toMatchObject({ state: 'sent', shownVersion: 2 });
    expect(slack.messages).toMatchObject([{ status: 'approved', updates: 1 }]);
  });

  it('whose post went through while its answer was lost is found again, not posted twice', async () => {
    const { open, slack, dispatcher, time, only } = await start();
    slack.script.push('loseAnswer');
    await open('req_1', surface('req_1'));
    await time.pass(2_000);
    await dispatcher.drain();
    expect(slack.messages.length).toBe(1);
    expect(slack.calls.map(({ verb }) => verb)).toEqual(['post', 'find', 'update']);
    expect(await only()).toMatchObject({ state: 'sent', attempts: 2 });
  });

  it('posted by a process that died before writing it down is found by the next one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-dispatch-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const time = new VirtualTime(Date.UTC(2026, 0, 5, 12));
    const slack = new FakeChannel('slack', time.clock);
    const openFile = () => openSqlite({ file: join(folder, 'db'), signer, fold, clock: time.clock });
    const first = await start({
      time,
      slack,
      store: await openFile(),
      around: (store) => ({ ...through(store), settle: () => new Promise<void>(() => undefined) }),
    });
    await first.open('req_1', surface('req_1'), notice('req_1', { target: 'slack:U0ANA' }));
    await rest();
    expect(slack.messages.length).toBe(2);
    await rigs.pop()?.end();
    const second = await start({ time, slack, store: await openFile() });
    await second.dispatcher.drain();
    expect(Object.values(await second.states())).toEqual(['sent', 'sent']);
    expect(slack.messages.map(({ kind, updates }) => [kind, updates])).toEqual([
      ['surface', 1],
      ['informationReturned', 0],
    ]);
  });

  it('keeps the channel’s least pause between two calls to one place, and waits for no other place', async () => {
    const time = new VirtualTime(Date.UTC(2026, 0, 5, 12));
    const slack = new FakeChannel('slack', time.clock, 1_000);
    const { open, dispatcher } = await start({ time, slack });
    const to = (id: string) => ({ to: { kind: 'channel', id }, viewer: null });
    for (const n of [1, 2, 3])
      await open(
        `req_${n}`,
        surface(`req_${n}`, { target: 'slack:A', payload: to('A') }),
        surface(`req_${n}`, { target: 'slack:B', payload: to('B') }),
      );
    await time.pass(2_500);
    await dispatcher.drain();
    for (const place of ['channel:A', 'channel:B']) {
      const times = slack.calls.filter((call) => call.to === place).map(({ at }) => at);
      expect(times.map((at) => at - (times[0] ?? 0))).toEqual([0, 1_000, 2_000]);
    }
  });

  it('is posted at once while people click, and brought up to date when they pause, or after a quarter of a second', async () => {
    let isBusy = true;
    const { open, record, slack, dispatcher, time } = await start({ isBusy: () => isBusy });
    const kinds = () => slack.calls.map(({ verb }) => verb);
    await open('req_1', surface('req_1'));
    await rest();
    expect(kinds()).toEqual(['post']);
    await record('req_1', [commented('first')]);
    await time.pass(240);
    expect(kinds()).toEqual(['post']);
    await time.pass(20);
    expect(kinds()).toEqual(['post', 'update']);
    await record('req_1', [commented('second')]);
    await time.pass(50);
    isBusy = false;
    await time.pass(30);
    expect(kinds()).toEqual(['post', 'update', 'update']);
    await dispatcher.drain();
  });

  it('waits as long as a rate limit says', async () => {
    const { open, slack, dispatcher, time } = await start({ random: () => 0 });
    slack.script.push({ fail: new UnavailableError('ratelimited', 30_000) });
    await open('req_1', surface('req_1'));
    await time.pass(29_000);
    expect(slack.messages.length).toBe(0);
    await time.pass(2_000);
    await dispatcher.drain();
    expect(slack.messages.length).toBe(1);
  });

  it('that the platform refuses is dead at once, and somebody is told once', async () => {
    const { open, slack, dispatcher, dead, only } = await start();
    slack.script.push({ fail: new RefusedError('channel_not_found') });
    await open('req_1', surface('req_1'));
    await dispatcher.drain();
    expect(slack.calls.length).toBe(1);
    expect(dead).toMatchObject([{ request: 'req_1', state: 'dead', lastError: 'channel_not_found', attempts: 1 }]);
    expect(await only()).toMatchObject({ state: 'dead', lastError: 'channel_not_found' });
  });

  it('is dead after about six hours of failures, and goes out when it is put back by hand', async () => {
    const { open, slack, dispatcher, time, dead, only, store } = await start();
    slack.trouble = () => ({ fail: new UnavailableError('down') });
    await open('req_1', surface('req_1'));
    const startedAt = time.now;
    await time.pass(8 * 3_600_000);
    expect(dead).toMatchObject([{ lastError: 'down' }]);
    expect(slack.calls.filter(({ verb }) => verb !== 'find').length + slack.count('find')).toBe(
      SCHEDULES.surface.length + 1,
    );
    const last = slack.calls.at(-1)?.at ?? 0;
    expect((last - startedAt) / 3_600_000).toBeGreaterThan(3);
    expect((last - startedAt) / 3_600_000).toBeLessThan(7);
    slack.trouble = () => 'none';
    expect(await store.requeue((await only()).id, time.now)).toBe(true);
    dispatcher.wake();
    await dispatcher.drain();
    expect(await only()).toMatchObject({ state: 'sent' });
    expect(slack.messages.length).toBe(1);
  });

  it('of a channel that is not set up, or with a payload that makes no sense, is dead and said so', async () => {
    const { open, dispatcher, dead } = await start();
    await open(
      'req_1',
      surface('req_1', { channel: 'teams', target: 'teams:x' }),
      surface('req_1', { target: 'slack:y', payload: { to: 'C0RELEASES' } }),
      surface('req_1', { target: 'slack:z' }),
    );
    await dispatcher.drain();
    expect(dead.map(({ lastError }) => lastError).sort()).toEqual([
      'the channel teams is not set up',
      'what is to be sent can’t be read',
    ]);
  });
});
